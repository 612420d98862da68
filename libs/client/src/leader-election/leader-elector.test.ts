import { describe, expect, it } from 'vitest';
import type { Lease } from '@pilothouse/api';
import { FakeClock, seededRandom } from '@pilothouse/component';
import type { LeaderElectionOptions } from '../contract.ts';
import { MemoryClient } from '../test-server/memory-client.ts';
import { Leadership } from './leadership.ts';
import { runLeaderElection } from './leader-elector.ts';

/** Candidates over one server and one clock; `leading` is who acts as leader at the moment. */
function makeElection() {
  const clock = new FakeClock('2030-01-01T00:00:00Z');
  const server = new MemoryClient();
  const leading = new Set<string>();
  const run = (
    identity: string,
    options: Partial<LeaderElectionOptions> = {},
    work?: (signal: AbortSignal) => Promise<void>,
  ) => {
    const stop = new AbortController();
    const lead = async (signal: AbortSignal) => {
      leading.add(identity);
      signal.addEventListener('abort', () => leading.delete(identity));
      await work?.(signal);
    };
    const base = {
      client: server.as(clock),
      clock,
      namespace: 'kube-system',
      name: 'it',
      identity,
      random: seededRandom(1),
    };
    return {
      ended: runLeaderElection({ ...base, ...options }, lead, stop.signal),
      stop: () => stop.abort(new Error('stop')),
    };
  };
  const lease = () => (server.objects.get('leases/kube-system/it') as Lease | undefined)?.spec;
  return { clock, server, leading, run, lease };
}

describe('runLeaderElection', () => {
  it('takes a lease that nobody holds and keeps renewing it', async () => {
    const { clock, leading, run, lease } = makeElection();
    const a = run('a');
    await clock.run(0);
    expect([...leading]).toEqual(['a']);
    expect(lease()).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(lease()!.renewTime).toBe('2030-01-01T00:00:00.000000Z');
    await clock.run(60_000);
    expect(lease()).toMatchObject({
      acquireTime: '2030-01-01T00:00:00.000000Z',
      renewTime: '2030-01-01T00:01:00.000000Z',
    });
    a.stop();
    await clock.run(0);
    expect(await a.ended).toBe('cancelled');
  });

  it('lets only one lead, and the next one at once when the lease is given back', async () => {
    const { clock, leading, run, lease } = makeElection();
    const a = run('a');
    await clock.run(0);
    run('b');
    await clock.run(60_000);
    expect([...leading]).toEqual(['a']);
    a.stop();
    await clock.run(5_000);
    expect([...leading]).toEqual(['b']);
    expect(lease()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  it('waits for the work to end before it gives the lease back', async () => {
    const { clock, run, lease } = makeElection();
    const { promise: workEnds, resolve: endWork } = Promise.withResolvers<void>();
    const a = run('a', {}, () => workEnds);
    await clock.run(0);
    a.stop();
    await clock.run(1_000);
    expect(lease()!.holderIdentity).toBe('a');
    endWork();
    await clock.run(0);
    expect(lease()!.holderIdentity).toBe('');
    expect(await a.ended).toBe('cancelled');
    expect(clock.pendingTimers).toBe(0);
  });

  it('stops leading after the renew deadline, before another may take over', async () => {
    const { clock, server, leading, run } = makeElection();
    const a = run('a');
    await clock.run(2_000);
    let failing = true;
    server.intercept = (_verb, object) => {
      // Only a's way to the server is broken.
      if (failing && (object as Lease).spec?.holderIdentity === 'a') throw new Error('unreachable');
    };
    run('b');
    await clock.run(9_900);
    expect([...leading]).toEqual(['a']);
    await clock.run(200);
    expect([...leading]).toEqual([]);
    expect(await a.ended).toBe('lost');
    await clock.run(10_000);
    expect([...leading]).toEqual(['b']);
    failing = false;
  });

  it('does not hang on a server that never answers', async () => {
    const { clock, server, leading, run } = makeElection();
    const a = run('a');
    await clock.run(2_000);
    server.intercept = () => new Promise(() => {});
    await clock.run(10_000);
    expect([...leading]).toEqual([]);
    void a;
  });

  it('resigns at once when another holds the lease', async () => {
    const { clock, server, leading, run, lease } = makeElection();
    const a = run('a');
    await clock.run(2_000);
    await server
      .as(clock)
      .resource({ group: '', version: 'v1', resource: 'leases', kind: 'Lease', namespaced: true })
      .patch(
        'it',
        { type: 'merge', body: { spec: { ...lease(), holderIdentity: 'usurper' } } },
        { namespace: 'kube-system' },
      );
    await clock.run(4_000);
    expect([...leading]).toEqual([]);
    expect(await a.ended).toBe('lost');
    expect(lease()!.holderIdentity).toBe('usurper');
  });

  it('lets a client write from the first success until the renew deadline after the last', async () => {
    const { clock, server, run } = makeElection();
    const leadership = new Leadership(clock);
    const a = run('a', { leadership });
    expect(leadership.held).toBe(false);
    await clock.run(60_000);
    expect(leadership.held).toBe(true);
    server.intercept = () => new Promise(() => {});
    await clock.run(9_999);
    expect(leadership.held).toBe(true);
    await clock.run(1);
    expect(leadership.held).toBe(false);
    expect(await a.ended).toBe('lost');
  });

  it('lets nobody write with a lease that was given back', async () => {
    const { clock, run } = makeElection();
    const leadership = new Leadership(clock);
    const a = run('a', { leadership });
    await clock.run(0);
    a.stop();
    await a.ended;
    expect(leadership.held).toBe(false);
  });

  it('survives one failed renewal', async () => {
    const { clock, server, leading, run } = makeElection();
    run('a');
    await clock.run(2_000);
    server.intercept = () => {
      server.intercept = () => {};
      throw new Error('hiccup');
    };
    await clock.run(30_000);
    expect([...leading]).toEqual(['a']);
  });

  it('gives the lease back and fails when the work fails', async () => {
    const { clock, run, lease } = makeElection();
    const a = run('a', {}, () => Promise.reject(new Error('broken')));
    const outcome = a.ended.catch((error: Error) => error.message);
    await clock.run(0);
    expect(await outcome).toBe('broken');
    expect(lease()!.holderIdentity).toBe('');
  });

  it('tells of each new leader', async () => {
    const { clock, run } = makeElection();
    const heard: string[] = [];
    const a = run('a');
    await clock.run(0);
    run('b', { onNewLeader: (identity) => heard.push(identity) });
    await clock.run(3_000);
    a.stop();
    await clock.run(5_000);
    expect(heard).toEqual(['a', 'b']);
  });
});
