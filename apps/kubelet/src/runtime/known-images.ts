import type { ImageReference } from './image-reference.ts';

export interface KnownImage {
  /** As in the image's own configuration: `command` of a container replaces both, `args` replaces `cmd`. */
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly sizeBytes: number;
}

/**
 * Images of which the simulation knows what they run: a shell without input ends at once, as it does on a real node,
 * and a server answers at its port. Any other image runs an unknown service. By the last part of the repository, on
 * whatever registry.
 */
const KNOWN_IMAGES: Readonly<Record<string, KnownImage>> = {
  agnhost: { entrypoint: ['/agnhost'], cmd: ['pause'], sizeBytes: 53_028_800 },
  alpine: { cmd: ['/bin/sh'], sizeBytes: 3_802_452 },
  bash: { cmd: ['bash'], sizeBytes: 6_240_117 },
  busybox: { cmd: ['sh'], sizeBytes: 2_156_519 },
  debian: { cmd: ['bash'], sizeBytes: 48_494_012 },
  'hello-world': {
    cmd: [
      '/bin/echo',
      '-e',
      '\\nHello from Docker!\\nThis message shows that your installation appears to be working correctly.\\n',
    ],
    sizeBytes: 10_072,
  },
  httpd: { cmd: ['httpd-foreground'], sizeBytes: 58_716_142 },
  nginx: { entrypoint: ['/docker-entrypoint.sh'], cmd: ['nginx', '-g', 'daemon off;'], sizeBytes: 72_099_501 },
  nonewprivs: { entrypoint: ['/nnp'], sizeBytes: 2_467_012 },
  ubuntu: { cmd: ['/bin/bash'], sizeBytes: 29_717_345 },
};

export function knownImage({ repository }: ImageReference): KnownImage | undefined {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  return Object.hasOwn(KNOWN_IMAGES, name) ? KNOWN_IMAGES[name] : undefined;
}

/** The whole command line of a container, before `$(NAME)` is expanded; empty where nobody knows it. */
export function commandLine(
  image: ImageReference | undefined,
  { command = [], args = [] }: { readonly command?: readonly string[]; readonly args?: readonly string[] },
): readonly string[] {
  if (command.length > 0) return [...command, ...args];
  const known = image && knownImage(image);
  return [...(known?.entrypoint ?? []), ...(args.length > 0 ? args : (known?.cmd ?? []))];
}
