import type { AuthorizationAttributes } from './authorizer.ts';
import {
  attachedTo,
  boundToUsedClaim,
  describesDevicesOf,
  runsOn,
  usedByPods,
  type Relation,
} from './node-relations.ts';

/** May a node do this? Yes, no (and why not), or only with an object that is related to it. */
export type NodeAccess = { readonly allowed: boolean; readonly reason?: string } | { readonly related: Relation };

const ALLOWED: NodeAccess = { allowed: true };
const REFUSED: NodeAccess = { allowed: false };
const refused = (reason: string): NodeAccess => ({ allowed: false, reason });

/** Resources that nodes share, each with what is its own. Source: upstream's plugin/pkg/auth/authorizer/node. */
export const NODE_ACCESS: ReadonlyMap<string, (node: string, asked: AuthorizationAttributes) => NodeAccess> = new Map([
  ['/secrets', (_node, asked) => readNamespaced(asked, usedByPods('secrets'))],
  ['/configmaps', (_node, asked) => readNamespaced(asked, usedByPods('configmaps'))],
  ['/persistentvolumeclaims', claim],
  ['/persistentvolumes', (_node, asked) => getOne(asked, boundToUsedClaim)],
  ['/pods', pod],
  ['/nodes', ownNode],
  ['storage.k8s.io/volumeattachments', (_node, asked) => getOne(asked, attachedTo)],
  ['storage.k8s.io/csinodes', csiNode],
  ['coordination.k8s.io/leases', lease],
  ['resource.k8s.io/resourceslices', resourceSlice],
]);

function getOne({ verb, subresource }: AuthorizationAttributes, related: Relation): NodeAccess {
  if (verb !== 'get') return refused('can only get individual resources of this type');
  return subresource === '' ? { related } : refused('cannot get subresource');
}

/** A list or watch of one object by its name is as good as a get. */
function readNamespaced({ verb, subresource, namespace }: AuthorizationAttributes, related: Relation): NodeAccess {
  if (!['get', 'list', 'watch'].includes(verb)) return refused('can only read resources of this type');
  if (subresource !== '') return refused('cannot read subresource');
  return namespace === '' ? refused('can only read namespaced object of this type') : { related };
}

function claim(_node: string, asked: AuthorizationAttributes): NodeAccess {
  const related = usedByPods('persistentvolumeclaims');
  if (asked.subresource !== 'status') return getOne(asked, related);
  if (asked.verb !== 'update' && asked.verb !== 'patch') return refused('can only get/update/patch this type');
  return { related };
}

function pod(node: string, asked: AuthorizationAttributes): NodeAccess {
  const { verb } = asked;
  switch (asked.subresource) {
    case '':
      if (verb === 'get') return getOne(asked, runsOn);
      if (verb === 'list' || verb === 'watch') {
        if (selects(asked, 'spec.nodeName', node)) return ALLOWED;
        if (asked.name !== '') return { related: runsOn };
        return refused('can only list/watch pods with spec.nodeName field selector');
      }
      return verb === 'create' || verb === 'delete' ? ALLOWED : REFUSED;
    case 'status':
      return verb === 'update' || verb === 'patch' ? ALLOWED : REFUSED;
    case 'eviction':
      return verb === 'create' ? ALLOWED : REFUSED;
    default:
      return REFUSED;
  }
}

function ownNode(node: string, { verb, subresource, name }: AuthorizationAttributes): NodeAccess {
  const writes = verb === 'update' || verb === 'patch';
  if (subresource !== '') return subresource === 'status' && writes ? ALLOWED : REFUSED;
  if (writes || verb === 'create') return ALLOWED;
  if (!['get', 'list', 'watch'].includes(verb)) return REFUSED;
  if (name === node) return ALLOWED;
  const what = name === '' ? 'all nodes' : `'${name}'`;
  return refused(`node '${node}' cannot read ${what}, only its own Node object`);
}

/** A create has no name in its path: admission looks at the one in its body, here and below. */
function lease(node: string, { verb, namespace, name }: AuthorizationAttributes): NodeAccess {
  if (!WRITES_AND_GET.has(verb)) return refused('can only get, create, update, patch, or delete a node lease');
  if (namespace !== 'kube-node-lease') {
    return refused('can only access leases in the "kube-node-lease" system namespace');
  }
  if (verb === 'create' || name === node) return ALLOWED;
  return refused('can only access node lease with the same name as the requesting node');
}

function csiNode(node: string, { verb, subresource, name }: AuthorizationAttributes): NodeAccess {
  if (!WRITES_AND_GET.has(verb)) return refused('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return refused('cannot authorize CSINode subresources');
  if (verb === 'create' || name === node) return ALLOWED;
  return refused('can only access CSINode with the same name as the requesting node');
}

const WRITES_AND_GET: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);

function resourceSlice(node: string, asked: AuthorizationAttributes): NodeAccess {
  if (asked.subresource !== '') return refused('cannot authorize ResourceSlice subresources');
  switch (asked.verb) {
    case 'create':
      return ALLOWED;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return { related: describesDevicesOf };
    case 'watch':
    case 'list':
    case 'deletecollection':
      if (selects(asked, 'spec.nodeName', node)) return ALLOWED;
      return refused('can only list/watch/deletecollection resourceslices with nodeName field selector');
    default: {
      const verbs = 'get, watch, list, create, update, patch, delete, deletecollection';
      return refused(`only the following verbs are allowed for a ResourceSlice: ${verbs}`);
    }
  }
}

function selects({ fieldTerms = [] }: AuthorizationAttributes, field: string, value: string): boolean {
  return fieldTerms.some((term) => term.field === field && term.operator === '=' && term.value === value);
}
