/** An image name in its parts. See https://pkg.go.dev/github.com/distribution/reference. */
export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATTERN = new RegExp(
  `^(?:((?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?|\\[[a-fA-F0-9:]+\\](?::[0-9]+)?)/)?` +
    `(${COMPONENT}(?:/${COMPONENT})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);

/** Undefined where upstream says `InvalidImageName`: capitals in the repository, an empty tag, a scheme. */
export function parseImageReference(image: string): ImageReference | undefined {
  const match = PATTERN.exec(image);
  if (!match || image.length > 4096) return undefined;
  let [, domain, path = ''] = match;
  const [, , , tag, digest] = match;
  // `team/app` is a repository of Docker Hub; `localhost/app`, `host.tld/app` and `host:5000/app` name a registry.
  if (domain !== undefined && !/[.:]/.test(domain) && domain !== 'localhost') {
    if (domain !== domain.toLowerCase()) return undefined;
    path = `${domain}/${path}`;
    domain = undefined;
  }
  const registry = domain === undefined || domain === 'index.docker.io' ? 'docker.io' : domain;
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return {
    registry,
    repository,
    ...(digest || tag ? {} : { tag: 'latest' }),
    ...(tag ? { tag } : {}),
    ...(digest ? { digest } : {}),
  };
}

/** `docker.io/library/nginx:latest`: how the runtime names it. */
export function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

/** Why an image can not be pulled, read from its name: the simulation's convention, see docs/how-to/add-a-stage.md. */
export function imageProblem({ registry, repository, tag }: ImageReference): 'not-found' | 'unknown-host' | undefined {
  const host = registry.replace(/:\d+$/, '');
  if (host === 'invalid' || host.endsWith('.invalid')) return 'unknown-host';
  return repository.includes('invalid') || tag === 'invalid' ? 'not-found' : undefined;
}

/** Where the registry would have it; part of containerd's error text. */
export function manifestUrl({ registry, repository, tag, digest }: ImageReference): string {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  return `https://${host}/v2/${repository}/manifests/${digest ?? tag}`;
}
