import { internalError, isNotFound, notFound } from '@pilothouse/apimachinery';
import type { Node } from '@pilothouse/api';
import type { Resources } from '../registry/resources.ts';

export interface KubeletAccess {
  /** Which of a node's addresses to use, most wanted first. */
  readonly preferredAddressTypes: readonly string[];
  /** PEM texts of the client certificate that kubelets know. */
  readonly cert?: string;
  readonly key?: string;
  /** Authority of the kubelets' serving certificates; they are not checked without it. */
  readonly ca?: string;
}

/** Where something listens. */
export interface Location {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Nothing can be dialled there: a kubelet forwards the port. */
  readonly tunnel?: Tunnel;
}

/** A port of a pod that is reached through its kubelet. */
export interface Tunnel {
  readonly kubelet: Location;
  /** The kubelet's `/portForward/<namespace>/<pod>`. */
  readonly path: string;
  readonly port: number;
  /** The pod's, for what people read. */
  readonly address: string;
}

const DEFAULT_PORT = 10250;

/** Where a node's kubelet listens. Throws 404 when there is no such node. */
export async function kubeletLocation(
  resources: Resources,
  access: KubeletAccess,
  nodeName: string,
): Promise<Location> {
  return locateKubelet(await fetchNode(resources, nodeName), access);
}

export function locateKubelet(node: Node, access: KubeletAccess): Location {
  const addresses = node.status?.addresses ?? [];
  const preferred = access.preferredAddressTypes
    .map((type) => addresses.find((each) => each.type === type)?.address)
    .find((address) => address !== undefined && address !== '');
  if (preferred === undefined) throw internalError(new Error(`no preferred addresses found; known addresses: []`));
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port || DEFAULT_PORT;
  return { scheme: 'https', host: preferred, port };
}

export async function fetchNode(resources: Resources, name: string): Promise<Node> {
  try {
    return (await resources.get('', 'nodes').registry.get({ namespace: '', name })).object as Node;
  } catch (error) {
    if (isNotFound(error)) throw notFound({ group: '', resource: 'nodes' }, name);
    throw error;
  }
}
