import type { ImageReference } from './image-reference.ts';

export interface KnownImage {
  /** What runs when the container names no command. */
  readonly entrypoint: readonly string[];
  readonly sizeBytes: number;
}

/**
 * Images of which the simulation knows what they do without a command: a shell without input ends at once, as it does
 * on a real node. Any other image runs an unknown service. By repository, on whatever registry.
 */
const KNOWN_IMAGES: Readonly<Record<string, KnownImage>> = {
  alpine: { entrypoint: ['/bin/sh'], sizeBytes: 3_802_452 },
  bash: { entrypoint: ['bash'], sizeBytes: 6_240_117 },
  busybox: { entrypoint: ['sh'], sizeBytes: 2_156_519 },
  debian: { entrypoint: ['bash'], sizeBytes: 48_494_012 },
  ubuntu: { entrypoint: ['/bin/bash'], sizeBytes: 29_717_345 },
  'hello-world': {
    entrypoint: [
      '/bin/echo',
      '-e',
      '\\nHello from Docker!\\nThis message shows that your installation appears to be working correctly.\\n',
    ],
    sizeBytes: 10_072,
  },
};

export function knownImage({ repository }: ImageReference): KnownImage | undefined {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  return Object.hasOwn(KNOWN_IMAGES, name) ? KNOWN_IMAGES[name] : undefined;
}
