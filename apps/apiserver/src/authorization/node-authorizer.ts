import type { Pod, PersistentVolumeClaim, VolumeAttachment } from '@pilothouse/api';
import type { KubeObject } from '@pilothouse/apimachinery';
import type { Resources } from '../registry/resources.ts';
import type { AuthorizationAttributes, Authorizer, Decision } from './authorizer.ts';
import { podUses } from './pod-references.ts';
import type { PolicyRule } from './rule-resolver.ts';
import { ruleAllows } from './rbac/rule-allows.ts';

const NODE_PREFIX = 'system:node:';
const NODES_GROUP = 'system:nodes';

/** The name of the node that the user is, if it is one. */
export function nodeNameOf({ name, groups }: { name: string; groups: readonly string[] }): string | undefined {
  return groups.includes(NODES_GROUP) && name.startsWith(NODE_PREFIX) ? name.slice(NODE_PREFIX.length) : undefined;
}

/**
 * What a kubelet may do by being one: the general rules, and of secrets, volumes and the like only what the pods on its
 * node use. https://kubernetes.io/docs/reference/access-authn-authz/node/
 */
export function nodeAuthorizer(rules: readonly PolicyRule[], resources: Resources): Authorizer {
  return {
    async authorize(attributes) {
      const node = nodeNameOf(attributes.user);
      if (node === undefined) return NO_OPINION;
      const related = RELATED[`${attributes.apiGroup}/${attributes.resource}`];
      if (related === undefined || !attributes.isResource) {
        return rules.some((rule) => ruleAllows(rule, attributes)) ? ALLOWED : NO_OPINION;
      }
      if (
        !related.verbs.includes(attributes.verb) ||
        !(related.subresources ?? ['']).includes(attributes.subresource)
      ) {
        return refusal(`can only ${related.verbs.join('/')} resources of this type`);
      }
      // A list or watch of one object by its name is as good as a get; any other would show too much.
      if (attributes.name === '' && attributes.verb !== 'create') return refusal('No Object name found');
      if (await related.isRelated(resources, node, attributes)) return ALLOWED;
      return refusal(`no relationship found between node '${node}' and this object`);
    },
  };
}

const NO_OPINION: Decision = { decision: 'none', reason: '' };
const ALLOWED: Decision = { decision: 'allow', reason: '' };
const refusal = (reason: string): Decision => ({ decision: 'none', reason });

interface Related {
  readonly verbs: readonly string[];
  readonly subresources?: readonly string[];
  isRelated(resources: Resources, node: string, attributes: AuthorizationAttributes): Promise<boolean>;
}

/** What is told apart object by object. A create has no name in its path: admission looks at the one in its body. */
const RELATED: Readonly<Record<string, Related>> = {
  '/secrets': { verbs: ['get', 'list', 'watch'], isRelated: usedByPods('secrets') },
  '/configmaps': { verbs: ['get', 'list', 'watch'], isRelated: usedByPods('configmaps') },
  '/persistentvolumeclaims': {
    verbs: ['get', 'update', 'patch'],
    subresources: ['', 'status'],
    isRelated: usedByPods('persistentvolumeclaims'),
  },
  '/persistentvolumes': { verbs: ['get'], isRelated: boundToUsedClaim },
  'storage.k8s.io/volumeattachments': { verbs: ['get'], isRelated: attachedTo },
  'coordination.k8s.io/leases': {
    verbs: ['get', 'create', 'update', 'patch', 'delete'],
    isRelated: async (_resources, node, { namespace, name, verb }) =>
      namespace === 'kube-node-lease' && (name === node || verb === 'create'),
  },
  'storage.k8s.io/csinodes': {
    verbs: ['get', 'create', 'update', 'patch', 'delete'],
    isRelated: async (_resources, node, { name, verb }) => name === node || verb === 'create',
  },
};

async function podsOn(resources: Resources, node: string, namespace: string): Promise<readonly Pod[]> {
  const { items } = await resources.get('', 'pods').registry.store.list({
    namespace,
    resourceVersion: '0',
    filter: ({ object }) => (object as Pod).spec?.nodeName === node,
  });
  return items.map(({ object }) => object as Pod);
}

function usedByPods(resource: 'secrets' | 'configmaps' | 'persistentvolumeclaims'): Related['isRelated'] {
  return async (resources, node, { namespace, name }) =>
    (await podsOn(resources, node, namespace)).some((pod) => podUses(pod, resource, name));
}

async function boundToUsedClaim(
  resources: Resources,
  node: string,
  { name }: AuthorizationAttributes,
): Promise<boolean> {
  const { items } = await resources.get('', 'persistentvolumeclaims').registry.store.list({
    namespace: '',
    resourceVersion: '0',
    filter: ({ object }) => (object as PersistentVolumeClaim).spec?.volumeName === name,
  });
  const claim = items[0]?.key;
  if (claim === undefined) return false;
  return (await podsOn(resources, node, claim.namespace)).some((pod) =>
    podUses(pod, 'persistentvolumeclaims', claim.name),
  );
}

async function attachedTo(resources: Resources, node: string, { name }: AuthorizationAttributes): Promise<boolean> {
  const found = await resources.get('storage.k8s.io', 'volumeattachments').registry.peek({ namespace: '', name });
  return (found?.object as (VolumeAttachment & KubeObject) | undefined)?.spec?.nodeName === node;
}
