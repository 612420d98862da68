import { forbidden, isNotFound, notFound, StatusError, type KubeObject } from '@pilothouse/apimachinery';
import type { Namespace } from '@pilothouse/api';
import { LRUCache } from 'lru-cache';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

const UNDELETABLE = new Set(['default', 'kube-system', 'kube-public']);
/** What may still be asked about a namespace that is on its way out. */
const REVIEWS = new Set(['localsubjectaccessreviews']);

/** For so long after a deletion the cache, which may not have seen it, is not believed (upstream's forceLiveLookupTTL). */
const DELETION_MEMORY_MS = 30_000;

/**
 * Nothing is created in a namespace that does not exist or is being deleted, and the three that the cluster cannot do
 * without are not deleted. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle
 */
export function namespaceLifecycle(namespaces: ObjectRegistry): AdmissionPlugin {
  const deleted = new LRUCache<string, true>({ max: 1000, ttl: DELETION_MEMORY_MS });
  return {
    name: 'NamespaceLifecycle',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    // First of all plugins and before the others see the object: none of them should care for a lost one.
    async mutate(attributes) {
      await check(namespaces, deleted, attributes);
    },
    async validate(attributes) {
      if (attributes.operation === 'DELETE') await check(namespaces, deleted, attributes);
    },
  };
}

type DeletedNames = LRUCache<string, true>;

async function check(
  namespaces: ObjectRegistry,
  deleted: DeletedNames,
  attributes: AdmissionAttributes,
): Promise<void> {
  const { definition, operation, name, namespace } = attributes;
  const isNamespace = definition.group === '' && definition.resource === 'namespaces';
  if (operation === 'DELETE') {
    if (isNamespace && UNDELETABLE.has(name)) throw forbidden(definition, name, 'this namespace may not be deleted');
    if (isNamespace) deleted.set(name, true);
    return;
  }
  if (operation !== 'CREATE' || isNamespace || !definition.namespaced || REVIEWS.has(definition.resource)) return;
  const cached = deleted.has(namespace) ? undefined : await namespaces.peek({ namespace: '', name: namespace });
  const found = cached?.object ?? (await ask(namespaces, namespace));
  if (found.metadata?.deletionTimestamp === undefined && (found as Namespace).status?.phase !== 'Terminating') return;
  throw terminating(attributes, found);
}

/** The cache may not know it yet. */
async function ask(namespaces: ObjectRegistry, name: string): Promise<KubeObject> {
  try {
    return (await namespaces.get({ namespace: '', name })).object;
  } catch (error) {
    if (isNotFound(error)) throw notFound({ group: '', resource: 'namespaces' }, name);
    throw error;
  }
}

function terminating({ definition, name, namespace }: AdmissionAttributes, found: KubeObject): StatusError {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { status } = forbidden(definition, name, why);
  const message = `namespace ${found.metadata?.name ?? ''} is being terminated`;
  return new StatusError({
    ...status,
    details: { ...status.details, causes: [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }] },
  });
}
