import type { Node, Pod } from '@pilothouse/api';
import { isNotFound } from '@pilothouse/apimachinery';
import type { ConnectServices } from './connect-services.ts';
import { fetchNode, locateKubelet, type Location } from './kubelet-location.ts';

/**
 * On a Node: how the addresses of its pods are reached. With `port-forward` they are not on any network, and the
 * node's kubelet forwards their ports. Our kubelet says so of the nodes that it simulates.
 */
const POD_NETWORK_ANNOTATION = 'pilothouse.dev/pod-network';

/**
 * Where a port of a pod is reached. What a kubelet forwards is the program's own HTTP, whatever the scheme: simulated
 * programs keep no certificates.
 */
export async function podLocation(
  { resources, kubelets }: Pick<ConnectServices, 'resources' | 'kubelets'>,
  pod: Pod,
  { scheme, host, port }: Location,
): Promise<Location> {
  const node = await nodeOf(resources, pod);
  if (node?.metadata.annotations?.[POD_NETWORK_ANNOTATION] !== 'port-forward') return { scheme, host, port };
  const path = `/portForward/${pod.metadata.namespace}/${pod.metadata.name}`;
  return { scheme, host, port, tunnel: { kubelet: locateKubelet(node, kubelets), path, port, address: host } };
}

/** A node that is gone can tell nothing; its pods' addresses are tried all the same, as upstream does. */
async function nodeOf(resources: ConnectServices['resources'], pod: Pod): Promise<Node | undefined> {
  if (!pod.spec?.nodeName) return undefined;
  try {
    return await fetchNode(resources, pod.spec.nodeName);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
