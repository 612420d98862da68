import type { Node } from '@pilothouse/api';

interface ImageState {
  sizeBytes: number;
  readonly nodes: Set<string>;
}

/** Which nodes have which container images, from the nodes' status. */
export class ImageStates {
  readonly #images = new Map<string, ImageState>();
  /** The images of each node. */
  readonly #names = new Map<string, readonly string[]>();

  setNode(node: Node): void {
    const name = node.metadata.name!;
    this.removeNode(name);
    const names: string[] = [];
    for (const image of node.status?.images ?? []) {
      for (const imageName of image.names ?? []) {
        names.push(imageName);
        let state = this.#images.get(imageName);
        if (!state) this.#images.set(imageName, (state = { sizeBytes: 0, nodes: new Set() }));
        state.sizeBytes = image.sizeBytes ?? 0;
        state.nodes.add(name);
      }
    }
    if (names.length > 0) this.#names.set(name, names);
  }

  removeNode(nodeName: string): void {
    for (const imageName of this.#names.get(nodeName) ?? []) {
      const state = this.#images.get(imageName);
      state?.nodes.delete(nodeName);
      if (state?.nodes.size === 0) this.#images.delete(imageName);
    }
    this.#names.delete(nodeName);
  }

  /** Size and spread of an image that the node has; undefined if it does not. */
  onNode(nodeName: string, imageName: string): { sizeBytes: number; nodeCount: number } | undefined {
    const state = this.#images.get(imageName);
    return state?.nodes.has(nodeName) ? { sizeBytes: state.sizeBytes, nodeCount: state.nodes.size } : undefined;
  }
}
