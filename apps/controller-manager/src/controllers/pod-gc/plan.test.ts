import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '@pilothouse/api';
import { planCollections } from './plan.ts';

const GOING = { deletionTimestamp: '2026-01-01T00:00:00Z' };

const pod = (
  name: string,
  { phase = 'Running', nodeName = 'node-1', minute = 0, reason = '', ...metadata }: Record<string, unknown> = {},
): Pod =>
  ({
    metadata: {
      name,
      creationTimestamp: `2026-01-01T00:${String(minute as number).padStart(2, '0')}:00Z`,
      ...metadata,
    },
    spec: { nodeName },
    status: { phase, reason },
  }) as unknown as Pod;

const node = (ready: string, taints: readonly string[] = []): Node =>
  ({
    metadata: { name: 'node-1' },
    spec: { taints: taints.map((key) => ({ key: `node.kubernetes.io/${key}`, effect: 'NoExecute' })) },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }) as unknown as Node;

const plan = (
  pods: readonly Pod[],
  of: Node | undefined = node('True'),
  gone: readonly string[] = [],
  threshold = 0,
): string[] =>
  planCollections(pods, new Map(of ? [['node-1', of]] : []), new Set(gone), threshold).map(
    (each) => `${each.pod.metadata.name} ${each.why}`,
  );

describe('the pods that nobody else removes', () => {
  it.each<[string, string[], string[]]>([
    ['are not those that run', plan([pod('a')]), []],
    ['are those of a node that is gone', plan([pod('a')], undefined, ['node-1']), ['a orphaned']],
    ['are not those of a node that is only missed', plan([pod('a')], undefined), []],
    [
      'are those that went before they had a node',
      plan([pod('a', { nodeName: '', ...GOING })]),
      ['a unscheduled-terminating'],
    ],
    [
      'are those that go on a node out of service',
      plan([pod('a', GOING)], node('Unknown', ['out-of-service'])),
      ['a out-of-service'],
    ],
    ['are not those that go on a node that is back', plan([pod('a', GOING)], node('True', ['out-of-service'])), []],
    [
      'are finished ones above the threshold: evicted ones, then the oldest',
      plan(
        [
          pod('new', { phase: 'Succeeded', minute: 3 }),
          pod('old', { phase: 'Failed', minute: 1 }),
          pod('evicted', { phase: 'Failed', minute: 2, reason: 'Evicted' }),
          pod('runs'),
        ],
        undefined,
        [],
        1,
      ),
      ['evicted terminated', 'old terminated'],
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});
