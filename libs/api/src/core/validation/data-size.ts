/** All values of a ConfigMap or Secret together: it must fit into etcd and into a kubelet's memory. */
export const MAX_DATA_BYTES = 1024 * 1024;

/** The bytes that a base64 text stands for. */
export function base64ByteLength(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return Math.floor((text.length * 3) / 4) - padding;
}
