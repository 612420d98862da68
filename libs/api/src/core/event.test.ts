import { describe, expect, it } from 'vitest';
import type { Event } from '@pilothouse/api';
import { cellsOf, exampleMeta, problemsOnCreate } from './example-objects.ts';
import { event } from './event.ts';

describe('Event', () => {
  const make = (change: Partial<Event> = {}): Event => ({
    metadata: exampleMeta(),
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    reportingComponent: '',
    reportingInstance: '',
    ...change,
  });

  it.each<[string, Partial<Event>, string[]]>([
    ['about something at home', {}, []],
    [
      'about something elsewhere',
      { involvedObject: { namespace: 'other' } },
      ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    ],
    ['about a node, in the default namespace', { involvedObject: { kind: 'Node' } }, []],
    [
      'of the new kind, without its reporter',
      { eventTime: '2026-05-01T12:00:00.000000Z', action: 'a', reason: 'b' },
      [
        'reportingController: Required value',
        'reportingController: Invalid value: "": name part must be non-empty',
        "reportingController: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        'reportingInstance: Required value',
      ],
    ],
  ])('%s', (_, change, expected) => expect(problemsOnCreate(event, make(change))).toEqual(expected));

  it('shows when it was seen, and how often', () => {
    const each = make({
      type: 'Normal',
      reason: 'Pulled',
      message: ' done\n',
      count: 4,
      firstTimestamp: '2026-05-01T11:00:00Z',
      lastTimestamp: '2026-05-01T11:59:00Z',
      source: { component: 'kubelet', host: 'node-1' },
    });
    expect(cellsOf(event.columns, each)).toEqual([
      '60s',
      'Normal',
      'Pulled',
      'pod/web',
      '',
      'kubelet, node-1',
      'done',
      '60m',
      4,
      'x',
    ]);
  });

  it('is forgotten after an hour', () => expect(event.ttlSeconds).toBe(3600));
});
