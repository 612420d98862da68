const DOMAIN =
  /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::\d+)?$|^\[[0-9a-fA-F:]+\](?::\d+)?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const BARE_DIGEST = /^[a-f0-9]{64}$/;

/** `latest` may move, so it is pulled every time; an image that cannot be parsed is the kubelet's business. */
export function defaultImagePullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  return imageTag(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent';
}

/**
 * The tag of an image reference: `latest` when it has neither tag nor digest, empty when it has only a digest or is
 * not a reference at all. The grammar is that of https://github.com/distribution/reference.
 */
export function imageTag(image: string): string {
  const at = image.indexOf('@');
  const digest = at < 0 ? '' : image.slice(at + 1);
  const named = at < 0 ? image : image.slice(0, at);
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const tag = colon < 0 ? '' : named.slice(colon + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const valid =
    isRepository(name) && (colon < 0 || TAG.test(tag)) && (at < 0 || DIGEST.test(digest)) && !BARE_DIGEST.test(image);
  if (!valid) return '';
  return tag === '' && digest === '' ? 'latest' : tag;
}

function isRepository(name: string): boolean {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const hasDomain =
    first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase();
  return hasDomain ? DOMAIN.test(first) && PATH.test(name.slice(slash + 1)) : PATH.test(name);
}
