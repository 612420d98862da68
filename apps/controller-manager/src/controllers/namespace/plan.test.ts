import { describe, expect, it } from 'vitest';
import type { Namespace } from '@pilothouse/api';
import { isEmpty, planStatus, type PurgeResult, withoutFinalizer } from './plan.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const namespace = (status: object = {}): Namespace =>
  ({ metadata: { name: 'ns' }, spec: { finalizers: ['mine', 'kubernetes'] }, status }) as unknown as Namespace;
const result = (more: Partial<PurgeResult> = {}): PurgeResult => ({
  remainders: [],
  discoveryFailures: [],
  deletionErrors: [],
  ...more,
});
const told = (of: PurgeResult, before: object = {}) =>
  Object.fromEntries(
    planStatus(namespace(before), of, NOW).conditions!.map(({ type, status, reason, message }) => [
      type,
      `${status} ${reason}: ${message}`,
    ]),
  );

const ALL_WELL = {
  NamespaceDeletionDiscoveryFailure: 'False ResourcesDiscovered: All resources successfully discovered',
  NamespaceDeletionGroupVersionParsingFailure: 'False ParsedGroupVersions: All legacy kube types successfully parsed',
  NamespaceDeletionContentFailure:
    'False ContentDeleted: All content successfully deleted, may be waiting on finalization',
  NamespaceContentRemaining: 'False ContentRemoved: All content successfully removed',
  NamespaceFinalizersRemaining: 'False ContentHasNoFinalizers: All content-preserving finalizers finished',
};

describe('what the deletion of a namespace waits for', () => {
  it('is nothing when it is empty', () => {
    expect(isEmpty(result())).toBe(true);
    expect(told(result())).toEqual(ALL_WELL);
  });

  it('is what remains, and whose finalizers hold it', () => {
    const remainders = [
      { resource: 'pods.', count: 2, finalizers: new Map([['mine/hold', 1]]) },
      { resource: 'widgets.example.com', count: 1, finalizers: new Map<string, number>() },
    ];
    expect(isEmpty(result({ remainders }))).toBe(false);
    expect(told(result({ remainders }))).toEqual({
      ...ALL_WELL,
      NamespaceContentRemaining:
        'True SomeResourcesRemain: Some resources are remaining: pods. has 2 resource instances, widgets.example.com has 1 resource instances',
      NamespaceFinalizersRemaining:
        'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: mine/hold in 1 resource instances',
    });
  });

  it('is what could not be listed or deleted', () => {
    expect(told(result({ discoveryFailures: ['metrics.k8s.io/v1beta1'], deletionErrors: ['b', 'a'] }))).toMatchObject({
      NamespaceDeletionDiscoveryFailure: expect.stringMatching(
        /^True DiscoveryFailed: Discovery failed for some groups, 1 failing: .*metrics/,
      ),
      NamespaceDeletionContentFailure:
        'True ContentDeletionFailed: Failed to delete all resource types, 2 remaining: a, b',
    });
  });

  it('keeps the time of a condition whose message alone changes', () => {
    const remainder = (count: number) => result({ remainders: [{ resource: 'pods.', count, finalizers: new Map() }] });
    const before = planStatus(namespace(), remainder(2), new Date('2025-01-01T00:00:00Z'));
    const after = planStatus(namespace(before), remainder(1), NOW).conditions!;
    const condition = after.find(({ type }) => type === 'NamespaceContentRemaining')!;
    expect(condition).toMatchObject({ lastTransitionTime: '2025-01-01T00:00:00Z' });
    expect(condition.message).toContain('pods. has 1');
  });

  it('leaves the finalizers of others', () => {
    expect(withoutFinalizer(namespace()).spec.finalizers).toEqual(['mine']);
  });
});
