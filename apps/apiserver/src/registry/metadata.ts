import { randomUUID } from 'node:crypto';
import {
  badRequest,
  deepEqual,
  generateName,
  type KubeObject,
  type ObjectMeta,
  type ResourceDefinition,
} from '@pilothouse/apimachinery';

/** RFC 3339 with whole seconds, as every timestamp of ObjectMeta. */
export function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Takes away what only the server may say. Upstream: rest.WipeObjectMetaSystemFields. */
export function wipeSystemMetadata(object: KubeObject): void {
  const metadata: ObjectMeta = { ...object.metadata };
  delete metadata.selfLink;
  delete metadata.uid;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.creationTimestamp;
  object.metadata = orderMetadata(metadata);
}

/**
 * Metadata of an object that is about to be created: what only the server may say is taken from the client and said by
 * the server, and a name is made from generateName. Upstream: rest.FillObjectMetaSystemFields and EnsureNamePresent.
 */
export function fillSystemMetadata(object: KubeObject, now: Date): void {
  wipeSystemMetadata(object);
  const metadata: ObjectMeta = { ...object.metadata };
  metadata.creationTimestamp = formatTime(now);
  metadata.uid = randomUUID();
  if (!metadata.name && metadata.generateName) metadata.name = generateName(metadata.generateName, Math.random);
  object.metadata = orderMetadata(metadata);
}

/**
 * The body may leave the namespace to the path, but not contradict it. Upstream:
 * rest.EnsureObjectNamespaceMatchesRequestNamespace.
 */
export function matchNamespace(definition: ResourceDefinition, object: KubeObject, namespace: string): void {
  const given = object.metadata?.namespace ?? '';
  if (!definition.namespaced) {
    if (given !== '') object.metadata = omitNamespace(object.metadata);
    return;
  }
  if (given === namespace) return;
  if (given !== '') {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  object.metadata = orderMetadata({ ...object.metadata, namespace });
}

function omitNamespace(metadata: ObjectMeta | undefined): ObjectMeta {
  const { namespace: _, ...rest } = metadata ?? {};
  return rest;
}

/** What a warning of duplicate owners adds when they came, or stayed, with mutating admission. */
export const OWNERS_AFTER_ADMISSION = ' after mutating admission happens';

/** Each owner is named once; who says it twice is told. Upstream: dedupOwnerReferencesAndAddWarning. */
export function dedupeOwners(object: KubeObject, warn: (text: string) => void, when = ''): void {
  const owners = object.metadata?.ownerReferences ?? [];
  const kept = owners.filter((owner, i) => owners.findIndex((each) => deepEqual(each, owner)) === i);
  if (kept.length === owners.length) return;
  const twice = owners.filter((owner) => !kept.includes(owner)).map(({ uid }) => uid);
  warn(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  );
  object.metadata = { ...object.metadata, ownerReferences: kept };
}

const METADATA_ORDER = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const satisfies readonly (keyof ObjectMeta)[];

/** Metadata in the order in which Kubernetes prints it, without what is unset: the normal form. */
export function orderMetadata(metadata: ObjectMeta): ObjectMeta {
  const ordered: Record<string, unknown> = {};
  for (const field of METADATA_ORDER) {
    if (metadata[field] !== undefined) ordered[field] = metadata[field];
  }
  return ordered as ObjectMeta;
}
