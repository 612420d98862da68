import { notFound } from '@pilothouse/apimachinery';
import type { KubeClient } from '@pilothouse/client';
import { FakeClock } from '@pilothouse/component';
import { describe, expect, it } from 'vitest';
import { ServiceAccountTokenSource } from './service-account-token-source.ts';

/** An apiserver that gives numbered tokens for accounts it has. */
function server(clock: FakeClock, { account = true, lifeMs = 3_600_000 } = {}) {
  const asked: string[] = [];
  let exists = account;
  const resource = ({ resource: name }: { resource: string }) => ({
    get: async () => ({}),
    create: async (object: { metadata: { name: string; namespace: string } }) => {
      asked.push(`create ${name} ${object.metadata.namespace}/${object.metadata.name}`);
      exists = true;
      return object;
    },
    createSubresource: async (of: string) => {
      asked.push(`token ${of}`);
      if (!exists) throw notFound({ group: '', resource: name }, of);
      const expirationTimestamp = new Date(clock.now().getTime() + lifeMs).toISOString();
      return { status: { token: `token-${asked.length}`, expirationTimestamp } };
    },
  });
  return { client: { resource } as unknown as KubeClient, asked, forget: () => (exists = false) };
}

describe('the token of a controller', () => {
  it('is asked for once, and again when a fifth of its life is left', async () => {
    const clock = new FakeClock();
    const { client, asked } = server(clock);
    const { token } = new ServiceAccountTokenSource(client, clock, 'job-controller');
    expect(await Promise.all([token(), token()])).toEqual(['token-1', 'token-1']);
    clock.step(0.8 * 3_600_000 - 1);
    expect(await token()).toBe('token-1');
    clock.step(1);
    expect(await token()).toBe('token-2');
    expect(asked).toEqual(['token job-controller', 'token job-controller']);
  });

  it('lives no longer than the server says', async () => {
    const clock = new FakeClock();
    const { client } = server(clock, { lifeMs: 600_000 });
    const { token } = new ServiceAccountTokenSource(client, clock, 'job-controller');
    await token();
    clock.step(480_000);
    expect(await token()).toBe('token-2');
  });

  it('comes with an account where there was none', async () => {
    const clock = new FakeClock();
    const { client, asked } = server(clock, { account: false });
    expect(await new ServiceAccountTokenSource(client, clock, 'job-controller').token()).toBe('token-3');
    expect(asked[1]).toBe('create serviceaccounts kube-system/job-controller');
  });

  it('is replaced once the server knows it no more', async () => {
    const clock = new FakeClock();
    const { client, forget } = server(clock);
    const { token, reset } = new ServiceAccountTokenSource(client, clock, 'job-controller');
    await token();
    forget();
    reset();
    expect(await token()).toBe('token-4');
  });
});
