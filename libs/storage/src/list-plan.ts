import { badRequest } from '@pilothouse/apimachinery';
import { decodeContinueToken } from './continue-token.ts';
import { parseResourceVersion } from './storage-errors.ts';
import type { ListOptions } from './storage.ts';

/** From which snapshot a list is answered. */
export type Snapshot =
  /** The newest there is when the request comes. */
  | { readonly kind: 'consistent' }
  /** Whatever the cache has. */
  | { readonly kind: 'any' }
  | { readonly kind: 'notOlderThan'; readonly revision: number }
  | { readonly kind: 'exact'; readonly revision: number };

export interface ListPlan {
  readonly snapshot: Snapshot;
  /** 0: all. */
  readonly limit: number;
  /** Below the list's prefix; '' from the beginning. */
  readonly start: string;
  /** The snapshot is that of an earlier page. */
  readonly continued: boolean;
}

/**
 * The semantics of resourceVersion, resourceVersionMatch, limit and continue, as in
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list.
 */
export function planList(options: ListOptions): ListPlan {
  const { resourceVersion, resourceVersionMatch, limit = 0 } = options;
  if (options.continue) {
    const token = decodeContinueToken(options.continue);
    if (resourceVersion !== '' && resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    const snapshot: Snapshot =
      token.revision < 0 ? { kind: 'consistent' } : { kind: 'exact', revision: token.revision };
    return { snapshot, limit, start: token.start, continued: true };
  }
  const revision = parseResourceVersion(resourceVersion);
  const plan = (snapshot: Snapshot, howMany = limit): ListPlan => ({
    snapshot,
    limit: howMany,
    start: '',
    continued: false,
  });
  if (resourceVersion === '') return plan({ kind: 'consistent' });
  // Upstream ignores the limit here: whoever takes anything is served from memory in one go.
  if (revision === 0) return plan({ kind: 'any' }, 0);
  // With a limit and no match, a resource version has always meant exactly that one.
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === undefined && limit > 0);
  return plan({ kind: exact ? 'exact' : 'notOlderThan', revision });
}
