import { describe, expect, test } from 'vitest';
import type { SubjectAccessReview } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import { FakeClock } from '@pilothouse/component';
import { subresourcesFor, webhookAuthorizer } from './authorizer.ts';

function reviewer(allowed: readonly string[]) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const create = async (review: SubjectAccessReview): Promise<SubjectAccessReview> => {
    const { verb, subresource, name } = review.spec.resourceAttributes!;
    asked.push(`${review.spec.user} ${verb} nodes/${subresource} ${name}`);
    return { ...review, status: { allowed: allowed.includes(subresource!) } };
  };
  const client = { resource: () => ({ create }) } as unknown as KubeClient;
  return { clock, asked, authorize: webhookAuthorizer(client, clock) };
}

const bob = { name: 'bob', groups: ['devs'] };

describe('authorization by the apiserver', () => {
  test.each([
    ['/containerLogs/default/web/main', ['proxy']],
    ['/exec/default/web/main', ['proxy']],
    ['/metrics/resource', ['metrics']],
    ['/stats/summary', ['stats']],
    ['/pods', ['pods', 'proxy']],
    ['/podsmonger', ['proxy']],
  ])('%s needs one of %j', (path, subresources) => {
    expect(subresourcesFor(path)).toEqual(subresources);
  });

  test('asks with the verb of the method, and accepts the older right', async () => {
    const { authorize, asked } = reviewer(['proxy']);
    expect(await authorize(bob, { method: 'GET', path: '/pods', nodeName: 'node-1' })).toBe(true);
    expect(asked).toEqual(['bob get nodes/pods node-1', 'bob get nodes/proxy node-1']);
    expect(await authorize(bob, { method: 'POST', path: '/stats/summary', nodeName: 'node-1' })).toBe(false);
    expect(asked.at(-1)).toBe('bob create nodes/stats node-1');
  });

  test('remembers a yes for five minutes and a no for thirty seconds', async () => {
    const { authorize, asked, clock } = reviewer(['metrics']);
    const both = async () => {
      await authorize(bob, { method: 'GET', path: '/metrics', nodeName: 'n' });
      await authorize(bob, { method: 'GET', path: '/stats', nodeName: 'n' });
      return asked.splice(0).length;
    };
    expect(await both()).toBe(2);
    expect(await both()).toBe(0);
    clock.step(31_000);
    expect(await both()).toBe(1);
    clock.step(300_000);
    expect(await both()).toBe(2);
  });
});
