/**
 * The request target split into path and query. Path segments stay percent-encoded until they are taken apart, so
 * that an encoded slash cannot move a segment border.
 */
export interface RequestTarget {
  /** Decoded, for people and for authorization of paths that are no resource. */
  readonly path: string;
  /** Decoded segments without empty ones at the ends. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

const EMPTY_QUERY = new URLSearchParams();

/**
 * undefined when the target is not a path with valid percent-encoding, or when it goes back on itself: what is authorized
 * must be what is served, whoever reads the path next.
 */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  const parsed = parse(target);
  return parsed?.segments.some((segment) => segment === '.' || segment === '..') ? undefined : parsed;
}

function parse(target: string): RequestTarget | undefined {
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? EMPTY_QUERY : new URLSearchParams(target.slice(mark + 1));
  if (!rawPath.startsWith('/')) return undefined;
  const raw = trimSlashes(rawPath).split('/');
  if (raw.length === 1 && raw[0] === '') return { path: '/', segments: [], query };
  if (!rawPath.includes('%')) return { path: rawPath, segments: raw, query };
  try {
    return { path: decodeURIComponent(rawPath), segments: raw.map(decodeURIComponent), query };
  } catch {
    return undefined;
  }
}

function trimSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === '/') start++;
  while (end > start && path[end - 1] === '/') end--;
  return path.slice(start, end);
}
