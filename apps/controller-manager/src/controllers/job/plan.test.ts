import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job, Pod } from '@pilothouse/api';
import { account } from './accounting.ts';
import { activePods, judgeJob, planPods, planStatus } from './plan.ts';
import { newPod } from './pod.ts';

const NOW = new Date('2026-01-01T01:00:00Z');

const job = (spec: object = {}, status: object = {}): Job =>
  ({
    metadata: { name: 'sum', namespace: 'ns', uid: 'job' },
    spec: { parallelism: 2, completions: 4, template: { metadata: {}, spec: { containers: [] } }, ...spec },
    status,
  }) as unknown as Job;

const indexed = (spec: object = {}, status: object = {}): Job => job({ completionMode: 'Indexed', ...spec }, status);

let uids = 0;
const pod = (of: Job, phase: string, index?: number, more: object = {}): Pod => {
  const made = newPod(of, index, { failures: 0, ignored: 0 });
  return {
    ...made,
    metadata: { ...made.metadata, uid: `pod-${uids++}`, creationTimestamp: '2026-01-01T00:59:59Z', ...more },
    status: { phase },
  };
};

const plan = (of: Job, pods: readonly Pod[], now = NOW) => planPods(of, account(of, pods), pods, now);
const verdict = (of: Job, pods: readonly Pod[], now = NOW) =>
  judgeJob(of, account(of, pods), activePods(of, pods), now);

describe('the pods of a Job', () => {
  it('are as many as may run at once, and no more than are still wanted', () => {
    expect(plan(job(), []).create).toHaveLength(2);
    expect(plan(job({}, { succeeded: 3 }), []).create).toHaveLength(1);
    expect(plan(job({}, { succeeded: 4 }), []).create).toHaveLength(0);
  });

  it('go while the Job is suspended', () => {
    const of = job({ suspend: true });
    expect(plan(of, [pod(of, 'Running'), pod(of, 'Pending')])).toMatchObject({ create: [], delete: [{}, {}] });
  });

  it('have each index once', () => {
    const of = indexed();
    const pods = [pod(of, 'Running', 0), pod(of, 'Running', 0)];
    expect(plan(of, pods)).toMatchObject({ create: [], delete: [pods[1]] });
    expect(plan(of, [pods[0]!]).create.map(({ index }) => index)).toEqual([1]);
    expect(plan(indexed({}, { completedIndexes: '0,2' }), []).create.map(({ index }) => index)).toEqual([1, 3]);
  });

  it('go when their index is beyond what an elastic Job was shrunk to', () => {
    const of = indexed({ parallelism: 2, completions: 2 });
    const pods = [pod(of, 'Running', 0), pod(of, 'Running', 3)];
    expect(plan(of, pods).delete).toEqual([pods[1]]);
  });

  it('wait longer after each failure since the last success', () => {
    const of = job();
    const failed = (finishedAt: string, phase = 'Failed'): Pod => ({
      ...pod(of, phase),
      status: {
        phase,
        containerStatuses: [
          {
            name: 'main',
            ready: false,
            restartCount: 0,
            image: '',
            imageID: '',
            state: { terminated: { exitCode: 1, finishedAt } },
          },
        ],
      },
    });
    expect(plan(of, [failed('2026-01-01T00:59:55Z')]).waitMs).toBe(5_000);
    expect(plan(of, [failed('2026-01-01T00:59:50Z'), failed('2026-01-01T00:59:55Z')]).waitMs).toBe(15_000);
    const recovered = [
      failed('2026-01-01T00:59:50Z'),
      failed('2026-01-01T00:59:52Z', 'Succeeded'),
      failed('2026-01-01T00:59:55Z'),
    ];
    expect(plan(of, recovered).waitMs).toBe(5_000);
  });

  it('wait for each index by itself where indexes have their own limit', () => {
    const of = indexed({ backoffLimitPerIndex: 3 });
    const failed = {
      ...pod(of, 'Failed', 0),
      metadata: { ...pod(of, 'Failed', 0).metadata, creationTimestamp: '2026-01-01T00:59:58Z' },
    };
    const soon = plan(of, [failed]);
    expect(soon.create.map(({ index }) => index)).toEqual([1, 2]);
    expect(soon.waitMs).toBe(8_000);
    const later = plan(of, [failed], new Date('2026-01-01T01:00:10Z'));
    expect(later.create[0]).toEqual({ index: 0, failures: { failures: 1, ignored: 0 } });
  });

  it('count failures that the policy ignores apart', () => {
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }];
    const of = indexed({ backoffLimitPerIndex: 3, podFailurePolicy: { rules }, podReplacementPolicy: 'Failed' });
    const disrupted: Pod = {
      ...pod(of, 'Failed', 0, { creationTimestamp: '2026-01-01T00:00:00Z' }),
      status: { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    };
    expect(plan(of, [disrupted]).create[0]).toEqual({ index: 0, failures: { failures: 0, ignored: 1 } });
  });

  it('are never more than may run at once, and all indexes get done, whatever fails', () => {
    const cases = fc.record({
      completions: fc.integer({ min: 1, max: 6 }),
      parallelism: fc.integer({ min: 1, max: 4 }),
      outcomes: fc.array(fc.boolean(), { maxLength: 12 }),
    });
    fc.assert(
      fc.property(cases, ({ completions, parallelism, outcomes }) => {
        let of = indexed({ completions, parallelism });
        let pods: Pod[] = [];
        let now = NOW.getTime();
        for (const success of [...outcomes, ...Array.from({ length: 40 }, () => true)]) {
          now += 3_600_000;
          const { create, delete: remove } = plan(of, pods, new Date(now));
          expect(create.length === 0 || remove.length === 0).toBe(true);
          pods = [...pods, ...create.map(({ index }) => pod(of, 'Running', index))];
          const running = pods.filter((each) => each.status?.phase === 'Running');
          expect(running.length).toBeLessThanOrEqual(parallelism);
          const [ended] = running;
          if (ended)
            pods = pods.map((each) =>
              each === ended ? { ...each, status: { phase: success ? 'Succeeded' : 'Failed' } } : each,
            );
          of = { ...of, status: { ...account(of, pods).status } };
        }
        expect(of.status?.succeeded).toBe(completions);
      }),
    );
  });
});

describe('the end of a Job', () => {
  const failing = (count: number, of: Job): Pod[] => Array.from({ length: count }, () => pod(of, 'Failed'));

  it.each<[string, Job, (of: Job) => Pod[], object | undefined]>([
    ['is not there while pods are wanted', job(), () => [], undefined],
    [
      'is failure beyond the backoff limit',
      job({ backoffLimit: 1 }),
      (of) => failing(2, of),
      { type: 'Failed', reason: 'BackoffLimitExceeded' },
    ],
    ['is not yet failure at the backoff limit', job({ backoffLimit: 2 }), (of) => failing(2, of), undefined],
    [
      'is failure at the deadline',
      job({ activeDeadlineSeconds: 60 }, { startTime: '2026-01-01T00:59:00Z' }),
      () => [],
      { type: 'Failed', reason: 'DeadlineExceeded' },
    ],
    [
      'is success when all have succeeded',
      job({}, { succeeded: 4 }),
      () => [],
      { type: 'Complete', reason: 'CompletionsReached' },
    ],
    ['waits for the last pod', job({}, { succeeded: 4 }), (of) => [pod(of, 'Running')], undefined],
    [
      'is failure when all indexes are over and some failed',
      indexed({ completions: 2, backoffLimitPerIndex: 0 }, { completedIndexes: '0', failedIndexes: '1' }),
      () => [],
      { type: 'Failed', reason: 'FailedIndexes' },
    ],
    [
      'is failure when too many indexes failed',
      indexed({ backoffLimitPerIndex: 0, maxFailedIndexes: 1 }, { failedIndexes: '1,2' }),
      () => [],
      { type: 'Failed', reason: 'MaxFailedIndexesExceeded' },
    ],
    [
      'is success when a rule of the success policy is met',
      indexed({ successPolicy: { rules: [{ succeededIndexes: '0' }] } }, { completedIndexes: '0' }),
      () => [],
      { type: 'Complete', reason: 'SuccessPolicy', message: 'Matched rules at index 0' },
    ],
  ])('%s', (_, of, pods, expected) => {
    const found = verdict(of, pods(of));
    if (expected) expect(found).toMatchObject(expected);
    else expect(found).toBeUndefined();
  });

  it('is shown as the target first, and as final when nothing runs and all is counted', () => {
    const of = job({ backoffLimit: 0 });
    const pods = [pod(of, 'Failed'), pod(of, 'Running')];
    const accounting = account(of, pods);
    const types = (status: ReturnType<typeof planStatus>) => status.conditions?.map(({ type }) => type);
    const ending = planStatus(of, accounting, pods, verdict(of, pods), NOW);
    expect(types(ending)).toEqual(['FailureTarget']);
    expect(ending).toMatchObject({ terminating: 1 });
    const after = { ...of, status: { conditions: ending.conditions ?? [], failed: 1 } };
    expect(types(planStatus(after, account(after, []), [], verdict(of, pods), NOW))).toEqual([
      'FailureTarget',
      'Failed',
    ]);
  });
});
