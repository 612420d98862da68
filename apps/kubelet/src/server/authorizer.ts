import { subjectaccessreviews } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';
import { LRUCache } from 'lru-cache';
import type { User } from './authenticate.ts';

/** Whether a user may do this to this node. */
export type Authorize = (user: User, request: NodeRequest) => Promise<boolean>;

export interface NodeRequest {
  readonly method: string;
  readonly path: string;
  readonly nodeName: string;
}

export const alwaysAllow: Authorize = async () => true;

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Subresources of nodes by path; what is not listed is `proxy`. */
const SUBRESOURCES: readonly (readonly [path: RegExp, subresource: string])[] = [
  [/^\/stats(\/|$)/, 'stats'],
  [/^\/metrics(\/|$)/, 'metrics'],
  [/^\/pods(\/|$)/, 'pods'],
  [/^\/runningpods(\/|$)/, 'pods'],
  [/^\/healthz(\/|$)/, 'healthz'],
  [/^\/configz$/, 'configz'],
];

/**
 * Those that may also be had with `nodes/proxy`, which older roles grant: KEP-2862, fine-grained kubelet authorization.
 */
const FINE_GRAINED = ['pods', 'healthz', 'configz'];

/** Upstream's: a yes holds for five minutes, a no for thirty seconds. */
const ALLOWED_TTL_MS = 300_000;
const DENIED_TTL_MS = 30_000;

/** The subresources any of which gives the right to this path, the preferred first. */
export function subresourcesFor(path: string): string[] {
  const subresource = SUBRESOURCES.find(([pattern]) => pattern.test(path))?.[1] ?? 'proxy';
  return FINE_GRAINED.includes(subresource) ? [subresource, 'proxy'] : [subresource];
}

/** Asks the apiserver. https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/ */
export function webhookAuthorizer(client: KubeClient, clock: Clock): Authorize {
  const answers = new LRUCache<string, { allowed: boolean; atMs: number }>({ max: 1000 });
  const ask = async (user: User, verb: string, subresource: string, name: string): Promise<boolean> => {
    const resourceAttributes = { verb, version: 'v1', resource: 'nodes', subresource, name };
    const key = JSON.stringify([user, resourceAttributes]);
    const known = answers.get(key);
    if (known && clock.monotonicMs() - known.atMs < (known.allowed ? ALLOWED_TTL_MS : DENIED_TTL_MS))
      return known.allowed;
    const review = await client.resource(subjectaccessreviews).create({
      metadata: {},
      spec: { user: user.name, groups: [...user.groups], resourceAttributes },
    });
    const allowed = review.status?.allowed ?? false;
    answers.set(key, { allowed, atMs: clock.monotonicMs() });
    return allowed;
  };
  return async (user, { method, path, nodeName }) => {
    for (const subresource of subresourcesFor(path)) {
      if (await ask(user, VERBS[method] ?? 'get', subresource, nodeName)) return true;
    }
    return false;
  };
}
