import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { MAX_NODE_SCORE, type PluginFactory } from '../framework/plugin.ts';

const MEBIBYTE = 1024 * 1024;
/** Images smaller than this in all are pulled fast anyway. */
const MIN_BYTES = 23 * MEBIBYTE;
const MAX_BYTES_PER_CONTAINER = 1000 * MEBIBYTE;

/** Prefers nodes that already have the pod's images: the larger they are and the more nodes have them, the more. */
export const imageLocality: PluginFactory = {
  name: 'ImageLocality',
  build: (_args, handle) => ({
    name: 'ImageLocality',
    score(_state, pod, node) {
      const containers = pod.pod.spec.containers.length + (pod.pod.spec.initContainers?.length ?? 0);
      return localityScore(presentBytes(pod, node, handle.snapshot.nodes.length), containers);
    },
  }),
};

/** The size of the pod's images on the node, each scaled by the share of nodes that have it, so that no node draws all pods. */
function presentBytes({ pod: { spec } }: PodInfo, node: NodeInfo, nodeCount: number): number {
  let bytes = 0;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const image = container.image && node.imageStates.onNode(node.name, normalizedImageName(container.image));
    if (image) bytes += Math.trunc(image.sizeBytes * (image.nodeCount / nodeCount));
  }
  for (const volume of spec.volumes ?? []) {
    const image =
      volume.image?.reference && node.imageStates.onNode(node.name, normalizedImageName(volume.image.reference));
    if (image) bytes += Math.trunc(image.sizeBytes * (image.nodeCount / nodeCount));
  }
  return bytes;
}

function localityScore(bytes: number, containers: number): number {
  const max = MAX_BYTES_PER_CONTAINER * containers;
  const bounded = Math.min(Math.max(bytes, MIN_BYTES), max);
  return Math.trunc((MAX_NODE_SCORE * (bounded - MIN_BYTES)) / (max - MIN_BYTES));
}

/** Nodes list images with their tag. */
function normalizedImageName(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
