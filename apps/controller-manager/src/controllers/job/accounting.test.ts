import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Job, Pod } from '@pilothouse/api';
import { account } from './accounting.ts';
import { TRACKING_FINALIZER } from './pod.ts';

const job = (spec: object = {}, status: object = {}): Job =>
  ({ metadata: { name: 'sum', namespace: 'ns' }, spec: { completions: 100, ...spec }, status }) as unknown as Job;

const pod = (uid: string, phase: string, tracked = true): Pod =>
  ({
    metadata: { name: uid, namespace: 'ns', uid, finalizers: tracked ? [TRACKING_FINALIZER] : [] },
    spec: { containers: [] },
    status: { phase },
  }) as unknown as Pod;

describe('the outcome of a pod', () => {
  it('is written down before its finalizer goes, and counted after', () => {
    const first = account(job(), [pod('a', 'Succeeded')]);
    expect(first.status).toEqual({ uncountedTerminatedPods: { succeeded: ['a'] } });
    expect(first.succeeded).toBe(1);
    const second = account(job({}, first.status), [pod('a', 'Succeeded', false)]);
    expect(second.status).toEqual({ succeeded: 1, uncountedTerminatedPods: {} });
    expect(second.isPending).toBe(false);
  });

  it('is counted exactly once, whatever step the controller dies after', () => {
    const outcomes = fc.array(fc.constantFrom('Succeeded', 'Failed'), { minLength: 1, maxLength: 8 });
    // Each round: does the status get written, and the finalizers of how many of the pods are taken away then?
    const rounds = fc.array(fc.record({ writes: fc.boolean(), releases: fc.nat({ max: 8 }) }), { maxLength: 20 });
    fc.assert(
      fc.property(outcomes, rounds, (phases, crashes) => {
        const tracked = new Set(phases.map((_, at) => at));
        let status: object = {};
        const sound = [...crashes, ...Array.from({ length: 3 }, () => ({ writes: true, releases: 8 }))];
        for (const { writes, releases } of sound) {
          const pods = phases.map((phase, at) => pod(`p${at}`, phase, tracked.has(at)));
          const accounting = account(job({}, status), pods);
          if (!writes) continue;
          status = accounting.status;
          for (const each of accounting.release.slice(0, releases)) tracked.delete(Number(each.metadata.uid!.slice(1)));
        }
        const { succeeded = 0, failed = 0 } = status as { succeeded?: number; failed?: number };
        expect(succeeded).toBe(phases.filter((phase) => phase === 'Succeeded').length);
        expect(failed).toBe(phases.filter((phase) => phase === 'Failed').length);
      }),
    );
  });
});

describe('with a limit for each index', () => {
  const of = (spec: object = {}): Job =>
    job({ completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1, ...spec });
  const at = (uid: string, index: number, phase: string, failures = 0): Pod => {
    const made = pod(uid, phase);
    const annotations = {
      'batch.kubernetes.io/job-completion-index': String(index),
      'batch.kubernetes.io/job-index-failure-count': String(failures),
    };
    return { ...made, metadata: { ...made.metadata, annotations } };
  };

  it('holds the pod that failed last until the next one of its index, which knows of the failure, is there', () => {
    const alone = account(of(), [at('a', 0, 'Failed')]);
    expect(alone).toMatchObject({ release: [], failed: 1, status: { uncountedTerminatedPods: {} } });
    const followed = account(of(), [at('a', 0, 'Failed'), at('b', 0, 'Running', 1)]);
    expect(followed.release.map(({ metadata }) => metadata.uid)).toEqual(['a']);
    expect(followed.status.uncountedTerminatedPods).toEqual({ failed: ['a'] });
  });

  it('gives up an index that has failed more often, and lets its pods go', () => {
    const { failedIndexes, release, status } = account(of(), [at('a', 0, 'Failed'), at('b', 0, 'Failed', 1)]);
    expect([...failedIndexes]).toEqual([0]);
    expect(status.failedIndexes).toBe('0');
    expect(release).toHaveLength(2);
  });

  it('holds nothing when the Job ends', () => {
    expect(account(of(), [at('a', 0, 'Failed')], true).release).toHaveLength(1);
  });
});
