import type { coreV1 } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { definitions } from '../definitions.ts';
import { event as kind } from './event.ts';

const example = (change: Partial<coreV1.Event> = {}): coreV1.Event => ({
  metadata: { name: 'e', namespace: 'default' },
  involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
  eventTime: '2026-05-01T12:00:00.000000Z',
  reportingComponent: 'example.com/c',
  reportingInstance: 'i',
  action: 'Act',
  reason: 'Because',
  type: 'Normal',
  ...change,
});

describe('an Event of events.k8s.io', () => {
  it.each<[Partial<coreV1.Event>, string[]]>([
    [{}, []],
    [{ type: 'Odd' }, ['type: Invalid value: "": has invalid value: Odd']],
    [
      { count: 2, source: { component: 'x' } },
      ['count: Invalid value: "": needs to be unset', 'source: Invalid value: "": needs to be unset'],
    ],
    [
      { series: { count: 1, lastObservedTime: '' } },
      ['series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value'],
    ],
    [{ eventTime: null as never }, ['eventTime: Required value']],
    [{ action: '' }, ['action: Required value']],
  ])('%j', (change, problems) => {
    expect(problemsOnCreate(kind, example(change))).toEqual(problems);
  });

  it('changes nothing but its series', () => {
    const grow = (each: coreV1.Event): void =>
      void (each.series = { count: 2, lastObservedTime: '2026-05-01T12:00:00.000000Z' });
    expect(problemsOnUpdate(kind, example(), grow)).toEqual([]);
    expect(problemsOnUpdate(kind, example(), (each) => (each.message = 'x'))).toEqual([
      'message: Invalid value: "x": field is immutable',
    ]);
  });

  it('is the core one under other names', () => {
    const [v1] = definitions.find(({ group }) => group === 'events.k8s.io')!.versions;
    const stored = {
      apiVersion: 'v1',
      kind: 'Event',
      ...example({ message: 'hello', count: 3, source: { component: 'x' } }),
    };
    const shown = v1!.fromStorage!(stored);
    expect(shown).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      regarding: { name: 'p' },
      note: 'hello',
      reportingController: 'example.com/c',
      deprecatedCount: 3,
      deprecatedSource: { component: 'x' },
    });
    expect(v1!.toStorage!(shown)).toMatchObject(stored);
  });
});
