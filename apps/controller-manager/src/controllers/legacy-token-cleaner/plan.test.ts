import { describe, expect, it } from 'vitest';
import type { Pod, Secret, ServiceAccount } from '@pilothouse/api';
import { INVALID_SINCE, LAST_USED, planToken } from './plan.ts';

const NOW = new Date('2026-06-15T12:00:00Z');
const PERIOD_MS = 30 * 24 * 3_600_000;
const secret = (labels: Record<string, string> = {}, creationTimestamp = '2026-01-01T00:00:00Z'): Secret => ({
  metadata: { name: 'token', labels, creationTimestamp },
});
const account = { metadata: { name: 'robot' }, secrets: [{ name: 'token' }] } as ServiceAccount;
const pod = { spec: { volumes: [{ name: 'v', secret: { secretName: 'token' } }] } } as Pod;
const plan = (
  of: Secret,
  { owner = account, pods = [], since = '2026-01-01' }: { owner?: ServiceAccount; pods?: Pod[]; since?: string } = {},
): string => planToken(of, owner, pods, { now: NOW, periodMs: PERIOD_MS, trackedSince: since });

describe('a token that was generated for an account', () => {
  it.each<[string, string, string]>([
    ['is invalid when nobody has used it for long', plan(secret()), 'invalidate'],
    ['stays when it was used', plan(secret({ [LAST_USED]: '2026-06-01' })), 'keep'],
    ['is invalid when its last use is long past', plan(secret({ [LAST_USED]: '2026-05-01' })), 'invalidate'],
    ['stays when it is new', plan(secret({}, '2026-06-01T00:00:00Z')), 'keep'],
    ['stays while use has not been tracked for long', plan(secret(), { since: '2026-06-01' }), 'keep'],
    ['stays when a pod mounts it', plan(secret(), { pods: [pod] }), 'keep'],
    ['stays when somebody made it', plan(secret(), { owner: { metadata: { name: 'robot' } } }), 'keep'],
    ['stays a while once it is invalid', plan(secret({ [INVALID_SINCE]: '2026-06-01' })), 'keep'],
    ['goes when it has long been invalid', plan(secret({ [INVALID_SINCE]: '2026-05-01' })), 'delete'],
  ])('%s', (_, planned, expected) => expect(planned).toBe(expected));
});
