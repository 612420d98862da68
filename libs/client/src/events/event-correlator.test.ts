import { describe, expect, it } from 'vitest';
import { FakeClock } from '@pilothouse/component';
import { EventCorrelator } from './event-correlator.ts';
import { EventMaker } from './new-event.ts';

function makeCorrelator() {
  const clock = new FakeClock('2030-01-01T00:00:00Z');
  const maker = new EventMaker(clock, 'kubelet', 'node-1');
  const correlator = new EventCorrelator(clock);
  const regarding = (name: string) => ({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'a', uid: name },
  });
  const say = (message: string, pod = 'web') =>
    correlator.correlate(maker.make({ regarding: regarding(pod), type: 'Warning', reason: 'BackOff', message }));
  return { clock, say };
}

describe('EventCorrelator', () => {
  it('writes the first of its kind and counts the rest', () => {
    const { clock, say } = makeCorrelator();
    const first = say('back-off');
    expect(first).toMatchObject({ action: 'create', event: { count: 1, message: 'back-off' } });
    clock.step(5000);
    const second = say('back-off');
    expect(second).toMatchObject({
      action: 'patch',
      patch: { count: 2, lastTimestamp: '2030-01-01T00:00:05Z', message: 'back-off' },
    });
    const name = (result: typeof first) => (result.action === 'drop' ? '' : result.event.metadata.name);
    expect(name(second)).toBe(name(first));
  });

  it('combines similar events from the tenth different message on', () => {
    const { say } = makeCorrelator();
    const results = Array.from({ length: 12 }, (_, i) => say(`failure ${i}`));
    expect(results.slice(0, 9).every((each) => each.action === 'create')).toBe(true);
    expect(results[9]).toMatchObject({
      action: 'create',
      event: { message: '(combined from similar events): failure 9' },
    });
    expect(results[11]).toMatchObject({
      action: 'patch',
      patch: { count: 3, message: '(combined from similar events): failure 11' },
    });
  });

  it('forgets similar events after ten quiet minutes', () => {
    const { clock, say } = makeCorrelator();
    for (let i = 0; i < 10; i++) say(`failure ${i}`);
    clock.step(10 * 60_000 + 1);
    expect(say('failure 11')).toMatchObject({ action: 'create', event: { message: 'failure 11' } });
  });

  it('lets 25 events of a source about an object through, then one in five minutes, with the true count', () => {
    const { clock, say } = makeCorrelator();
    const results = Array.from({ length: 30 }, () => say('again'));
    expect(results.filter((each) => each.action !== 'drop')).toHaveLength(25);
    expect(say('again', 'other pod').action).toBe('create');
    clock.step(300_000);
    expect(say('again')).toMatchObject({ action: 'patch', patch: { count: 31 } });
    expect(say('again').action).toBe('drop');
  });
});

describe('EventMaker', () => {
  it('gives events of the same millisecond different names', () => {
    const maker = new EventMaker(new FakeClock(), 'scheduler', undefined);
    const words = { regarding: { metadata: { name: 'node-1' } }, type: 'Normal', reason: 'R', message: 'm' } as const;
    const [a, b] = [maker.make(words), maker.make(words)];
    expect(a.metadata.name).toMatch(/^node-1\.[0-9a-f]{16}$/);
    expect(a.metadata.name).not.toBe(b.metadata.name);
    expect(a.metadata.namespace).toBe('default');
  });
});
