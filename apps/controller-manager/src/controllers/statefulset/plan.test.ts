import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pod, StatefulSet } from '@pilothouse/api';
import { planActions, planStatus, type StatefulSetAction } from './plan.ts';
import { newPod, ordinalOf } from './pod.ts';

const NOW = new Date('2026-01-01T00:10:00Z');
const OLD = 'web-old';
const NEW = 'web-new';

const set = (spec: object = {}): StatefulSet =>
  ({
    metadata: { name: 'web', namespace: 'ns', uid: 'set', generation: 1 },
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: { spec: { containers: [] } }, ...spec },
  }) as unknown as StatefulSet;

const pod = (
  ordinal: number,
  revision = NEW,
  status: object = { phase: 'Running', ready: true },
  more: object = {},
): Pod => {
  const { ready, ...rest } = status as { ready?: boolean };
  const made = newPod(set(), { metadata: {}, spec: { containers: [] } }, ordinal, revision);
  return {
    ...made,
    metadata: { ...made.metadata, ...more },
    status: { ...rest, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
};

const ready = (ordinal: number, revision = NEW): Pod => pod(ordinal, revision);
const going = { deletionTimestamp: '2026-01-01T00:09:00Z' };

const told = (actions: readonly StatefulSetAction[]): string[] =>
  actions.map((action) => {
    if (action.type === 'create') return `create ${action.ordinal} ${action.revision}`;
    if (action.type === 'create-claims') return `create-claims ${action.ordinal}`;
    return action.type === 'repair'
      ? `repair ${action.pod.metadata.name}`
      : `${action.why} ${action.pod.metadata.name}`;
  });

const plan = (of: StatefulSet, pods: readonly Pod[], revisions = { current: NEW, update: NEW }): string[] =>
  told(planActions(of, pods, revisions, NOW));

describe('the next step of a set whose pods are ordered', () => {
  const update = { current: OLD, update: NEW };
  it.each<[string, StatefulSet, Pod[], { current: string; update: string } | undefined, string[]]>([
    ['creates the first pod', set(), [], undefined, [`create 0 ${NEW}`]],
    ['waits for a pod that is not ready', set(), [ready(0), pod(1, NEW, { phase: 'Running' })], undefined, []],
    ['sees to the claims of a pending pod', set(), [pod(0, NEW, { phase: 'Pending' })], undefined, ['create-claims 0']],
    ['waits for a pod that is going', set(), [ready(0), pod(1, NEW, undefined, going)], undefined, []],
    ['creates what is missing in the middle', set(), [ready(0), ready(2)], undefined, [`create 1 ${NEW}`]],
    ['replaces a failed pod', set(), [pod(0, NEW, { phase: 'Failed' }), ready(1)], undefined, ['failed web-0']],
    ['starts where its ordinals start', set({ ordinals: { start: 5 } }), [ready(5)], undefined, [`create 6 ${NEW}`]],
    ['takes the last pod away', set({ replicas: 1 }), [ready(0), ready(1), ready(2)], undefined, ['scale-down web-2']],
    [
      'takes nothing away while a pod before it is not well',
      set({ replicas: 1 }),
      [ready(0), pod(1, NEW, { phase: 'Running' }), ready(2)],
      undefined,
      ['scale-down web-2'],
    ],
    [
      'does not take an unhealthy pod away while another is unhealthy before it',
      set({ replicas: 1 }),
      [ready(0), pod(1, NEW, { phase: 'Running' }), pod(2, NEW, { phase: 'Running' })],
      undefined,
      [],
    ],
    ['updates from the last', set(), [ready(0, OLD), ready(1, OLD), ready(2, OLD)], update, ['update web-2']],
    ['waits for an updated pod', set(), [ready(0, OLD), ready(1, OLD), pod(2, NEW, { phase: 'Running' })], update, []],
    [
      'leaves what is below the partition',
      set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }),
      [ready(0, OLD), ready(1, OLD), ready(2)],
      update,
      [],
    ],
    [
      'creates the old revision below the partition',
      set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }),
      [ready(0, OLD)],
      update,
      [`create 1 ${OLD}`],
    ],
    [
      'updates nothing by itself with OnDelete',
      set({ updateStrategy: { type: 'OnDelete' } }),
      [ready(0, OLD), ready(1, OLD), ready(2, OLD)],
      update,
      [],
    ],
    [
      'puts the labels of an identity back',
      set({ replicas: 1 }),
      [pod(0, NEW, undefined, { labels: { 'controller-revision-hash': NEW } })],
      undefined,
      ['repair web-0'],
    ],
    [
      'is nothing once the set is being deleted',
      { ...set(), metadata: { ...set().metadata, ...going } },
      [],
      undefined,
      [],
    ],
  ])('%s', (_, of, pods, revisions, expected) => {
    expect(plan(of, pods, revisions)).toEqual(expected);
  });
});

describe('the next steps of a set whose pods are parallel', () => {
  const parallel = (spec: object = {}): StatefulSet => set({ podManagementPolicy: 'Parallel', ...spec });

  it('creates and takes away all at once', () => {
    expect(plan(parallel(), [])).toEqual([`create 0 ${NEW}`, `create 1 ${NEW}`, `create 2 ${NEW}`]);
    expect(plan(parallel({ replicas: 1 }), [ready(0), ready(1), ready(2)])).toEqual([
      'scale-down web-2',
      'scale-down web-1',
    ]);
  });

  it('does not let a failed pod hold up the others', () => {
    expect(plan(parallel(), [pod(0, NEW, { phase: 'Failed' }), ready(2)])).toEqual(['failed web-0', `create 1 ${NEW}`]);
  });
});

describe('the status of a set', () => {
  it('counts pods by their readiness and revision', () => {
    const status = planStatus(
      set(),
      [ready(0, OLD), ready(1, OLD), pod(2, NEW, { phase: 'Running' })],
      { current: OLD, update: NEW },
      0,
      NOW,
    );
    expect(status).toMatchObject({
      replicas: 3,
      readyReplicas: 2,
      currentReplicas: 2,
      updatedReplicas: 1,
      currentRevision: OLD,
      updateRevision: NEW,
    });
  });

  it('names the update as the current revision once all pods have it and are ready', () => {
    const status = planStatus(set(), [ready(0), ready(1), ready(2)], { current: OLD, update: NEW }, 0, NOW);
    expect(status).toMatchObject({ currentRevision: NEW, currentReplicas: 3, updatedReplicas: 3 });
  });
});

describe('an ordered set, whatever becomes of its pods', () => {
  // Two failed pods beyond the range would block each other, as they do upstream: only wanted ones fail.
  // Each round the plan is carried out, one pod comes up, and perhaps one that was up goes down or fails.
  const rounds = fc.array(fc.record({ broken: fc.option(fc.nat({ max: 5 })), fails: fc.boolean() }), { maxLength: 15 });
  const cases = fc.record({ replicas: fc.integer({ min: 0, max: 5 }), present: fc.nat({ max: 5 }), rounds });

  it('never has two pods going by its own doing, and gets where it should', () => {
    fc.assert(
      fc.property(cases, ({ replicas, present, rounds: troubles }) => {
        const of = set({ replicas });
        const revisions = { current: OLD, update: NEW };
        const pods = new Map(Array.from({ length: present }, (_, ordinal) => [ordinal, ready(ordinal, OLD)]));
        const calm = Array.from({ length: 60 }, () => ({ broken: null, fails: false }));
        for (const { broken, fails } of [...troubles, ...calm]) {
          const actions = planActions(of, [...pods.values()], revisions, NOW);
          const changes = actions.filter(({ type }) => type === 'create' || type === 'delete');
          expect(changes.length).toBeLessThanOrEqual(1);
          for (const action of changes) {
            if (action.type === 'create') {
              const before = [...pods].filter(([ordinal]) => ordinal < action.ordinal);
              expect(before).toHaveLength(action.ordinal);
              expect(before.every(([, each]) => each.status?.conditions?.[0]?.status === 'True')).toBe(true);
              pods.set(action.ordinal, pod(action.ordinal, action.revision, { phase: 'Running' }));
            }
            if (action.type === 'delete') pods.delete(ordinalOf(of, action.pod)!);
          }
          const waiting = [...pods].find(
            ([, each]) => each.status?.phase === 'Running' && each.status.conditions?.[0]?.status === 'False',
          );
          if (waiting) pods.set(waiting[0], ready(waiting[0], waiting[1].metadata.labels!['controller-revision-hash']));
          const victim = broken === null ? undefined : pods.get(broken);
          if (victim)
            pods.set(
              broken!,
              pod(broken!, victim.metadata.labels!['controller-revision-hash'], {
                phase: fails && broken! < replicas ? 'Failed' : 'Running',
              }),
            );
        }
        expect([...pods.keys()].sort((a, b) => a - b)).toEqual(
          Array.from({ length: replicas }, (_, ordinal) => ordinal),
        );
        expect([...pods.values()].every((each) => each.metadata.labels!['controller-revision-hash'] === NEW)).toBe(
          true,
        );
      }),
    );
  });
});
