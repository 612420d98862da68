import { describe, expect, it } from 'vitest';
import { expired, StatusError, type KubeObject, type WatchEvent } from '@pilothouse/apimachinery';
import { FakeClock, seededRandom, silentLogger } from '@pilothouse/component';
import { connectionError } from '../rest/connection-error.ts';
import { UndecodableObjectError } from '../rest/undecodable-object.ts';
import { TransportError } from '../transport/transport.ts';
import { Reflector } from './reflector.ts';
import { ScriptedSource, type Script } from './scripted-source.ts';

const pod = (name: string, resourceVersion: string): KubeObject => ({ metadata: { name, resourceVersion } });
const added = (name: string, version: string): WatchEvent => ({ type: 'ADDED', object: pod(name, version) });
const bookmark = (resourceVersion: string, annotations?: Record<string, string>): WatchEvent => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion, annotations } },
});
const initialEnd = (version: string) => bookmark(version, { 'k8s.io/initial-events-end': 'true' });
const noStreaming = new StatusError({ code: 422, reason: 'Invalid', message: 'sendInitialEvents is forbidden' });

/** Plays the script until the reflector has nothing more to do, and returns what reached the sink. */
async function reflect(...scripts: Script[]) {
  const source = new ScriptedSource(...scripts);
  const seen: string[] = [];
  const clock = new FakeClock();
  const sink = {
    replace: (objects: readonly KubeObject[]) =>
      void seen.push(`replace ${objects.map((each) => each.metadata?.name)}`),
    apply: ({ type, object }: WatchEvent) => void seen.push(`${type} ${object.metadata?.name}`),
  };
  const reflector = new Reflector({
    name: 'pods',
    source,
    sink,
    clock,
    random: seededRandom(1),
    logger: silentLogger(),
  });
  const controller = new AbortController();
  const running = reflector.run(controller.signal);
  const timersMs: number[] = [];
  await clock.run(0);
  while (clock.pendingTimers > 0) {
    timersMs.push(clock.nextTimerMs!);
    await clock.run(clock.nextTimerMs!);
  }
  controller.abort(new Error('stop'));
  await running;
  return { seen, requests: source.requests, timersMs, undecodable: reflector.undecodable };
}

describe('Reflector', () => {
  it('takes the initial list as a watch, and goes on with the same watch', async () => {
    const { seen, requests } = await reflect({
      watch: [added('a', '1'), added('b', '2'), initialEnd('2'), added('c', '3')],
    });
    expect(seen).toEqual(['replace a,b', 'ADDED c']);
    expect(requests).toEqual([{ verb: 'watch', sendInitialEvents: true }]);
  });

  it('lists where the server has no streaming lists, and watches from there', async () => {
    const { seen, requests } = await reflect(
      { fail: noStreaming },
      { list: [pod('a', '1')], resourceVersion: '5' },
      { watch: [added('b', '6')] },
    );
    expect(seen).toEqual(['replace a', 'ADDED b']);
    expect(requests).toEqual([
      { verb: 'watch', sendInitialEvents: true },
      { verb: 'list', resourceVersion: '0' },
      { verb: 'watch', resourceVersion: '5' },
    ]);
  });

  it('goes on without an object that it cannot decode, and knows that its copy is incomplete', async () => {
    const undecodable = new UndecodableObjectError(new Error('no schema for v2 Pod'));
    const {
      seen,
      requests,
      undecodable: last,
    } = await reflect({
      watch: [added('a', '1'), { undecodable }, initialEnd('2'), { undecodable }, added('c', '3')],
    });
    expect(seen).toEqual(['replace a', 'ADDED c']);
    expect(requests).toHaveLength(1);
    expect(last).toBe(undecodable);
  });

  it('counts its copy as whole again after a list that decodes', async () => {
    const undecodable = new UndecodableObjectError(new Error('no schema for v2 Pod'));
    const gone = expired('too old resource version');
    const { seen, undecodable: last } = await reflect(
      { watch: [{ undecodable }, initialEnd('2')], end: gone },
      { watch: [added('a', '3'), initialEnd('3')] },
    );
    expect(seen).toEqual(['replace ', 'replace a']);
    expect(last).toBeUndefined();
  });

  it('tries a list that it cannot decode again, and says so', async () => {
    const { seen, timersMs, undecodable } = await reflect(
      { fail: noStreaming },
      { fail: new UndecodableObjectError(new Error('no schema for v2 PodList')) },
      { list: [pod('a', '1')], resourceVersion: '5' },
    );
    expect(timersMs).toHaveLength(1);
    expect(seen).toEqual(['replace a']);
    expect(undecodable).toBeUndefined();
  });

  it('resumes a watch that ended from the last event or bookmark', async () => {
    const { seen, requests } = await reflect(
      { watch: [initialEnd('2'), added('a', '3'), bookmark('9')], end: 'eof' },
      { watch: [added('b', '10')] },
    );
    expect(seen).toEqual(['replace ', 'ADDED a', 'ADDED b']);
    expect(requests.at(-1)).toEqual({ verb: 'watch', resourceVersion: '9' });
  });

  it('resumes after a cut in the middle of a watch without losing or repeating an event', async () => {
    const { seen, requests } = await reflect(
      { watch: [initialEnd('2'), added('a', '3')], end: new Error('cut') },
      { fail: new Error('connection refused') },
      { watch: [added('b', '4')] },
    );
    expect(seen).toEqual(['replace ', 'ADDED a', 'ADDED b']);
    expect(requests.slice(1)).toEqual([
      { verb: 'watch', resourceVersion: '3' },
      { verb: 'watch', resourceVersion: '3' },
    ]);
  });

  it('resumes at once when a watch that had been going well is cut', async () => {
    const lost = connectionError('GET', '/pods', new TransportError('connection lost', { mayHaveBeenProcessed: true }));
    const { seen, timersMs } = await reflect(
      { watch: [initialEnd('2'), added('a', '3')], end: lost },
      { watch: [added('b', '4')] },
    );
    expect(seen).toEqual(['replace ', 'ADDED a', 'ADDED b']);
    expect(timersMs).toEqual([]);
  });

  it('starts over when the version is gone, with the newest state', async () => {
    const { seen } = await reflect(
      { watch: [added('a', '1'), initialEnd('2')], end: expired('too old resource version') },
      { watch: [added('b', '8'), initialEnd('8')] },
    );
    expect(seen).toEqual(['replace a', 'replace b']);
  });

  it('lists the newest state after 410 where there are no streaming lists', async () => {
    const { requests } = await reflect(
      { fail: noStreaming },
      { list: [], resourceVersion: '5' },
      { fail: expired('too old resource version') },
      { list: [], resourceVersion: '9' },
    );
    expect(requests.slice(3)).toEqual([
      { verb: 'list', limit: 500 },
      { verb: 'watch', resourceVersion: '9' },
    ]);
  });

  it('puts pages together, and asks for everything when the snapshot is gone between two', async () => {
    const first = { list: [pod('a', '1')], resourceVersion: '9', continue: 'token' };
    const listing = [{ fail: noStreaming }, { list: [], resourceVersion: '5' }, { fail: expired('old') }];
    const whole = await reflect(...listing, first, { list: [pod('b', '2')], resourceVersion: '9' });
    expect(whole.seen.at(-1)).toBe('replace a,b');
    const lost = await reflect(
      ...listing,
      first,
      { fail: expired('old') },
      { list: [pod('c', '3')], resourceVersion: '12' },
    );
    expect(lost.seen.at(-1)).toBe('replace c');
    expect(lost.requests.slice(-2)).toEqual([{ verb: 'list' }, { verb: 'watch', resourceVersion: '12' }]);
  });

  it('does not publish an initial list that was not completed', async () => {
    const { seen } = await reflect(
      { watch: [added('a', '1')], end: new Error('cut') },
      { watch: [added('a', '1'), added('b', '2'), initialEnd('2')] },
    );
    expect(seen).toEqual(['replace a,b']);
  });

  it('backs off before it repeats, also when a watch ends at once again and again', async () => {
    const clock = new FakeClock();
    const source = new ScriptedSource({ watch: [initialEnd('1')], end: 'eof' }, { watch: [], end: 'eof' });
    const sink = { replace: () => {}, apply: () => {} };
    const reflector = new Reflector({
      name: 'pods',
      source,
      sink,
      clock,
      random: seededRandom(1),
      logger: silentLogger(),
    });
    const { signal } = new AbortController();
    let state = await reflector.step({ phase: 'streaming' }, signal);
    expect(state).toMatchObject({ phase: 'watching', resourceVersion: '1' });
    state = await reflector.step(state, signal);
    expect(state).toMatchObject({ phase: 'waiting', next: { phase: 'watching', resourceVersion: '1' } });
    const { delayMs } = state as { delayMs: number };
    expect(delayMs).toBeGreaterThanOrEqual(800);
    expect(delayMs).toBeLessThan(1600);
  });
});
