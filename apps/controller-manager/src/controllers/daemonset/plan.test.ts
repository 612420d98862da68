import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DaemonSet, Node, Pod } from '@pilothouse/api';
import { daemonPod, fitNodes } from './node-fit.ts';
import { groupByNode, planPlacement, planRollingUpdate, planStatus } from './plan.ts';

const NOW = new Date('2026-01-01T01:00:00Z');
const [OLD, NEW] = ['old', 'new'];

const set = (rollingUpdate: object = {}, template: object = {}): DaemonSet =>
  ({
    metadata: { name: 'agent', namespace: 'ns', generation: 1 },
    spec: {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      template: { metadata: {}, spec: { containers: [], ...template } },
    },
  }) as unknown as DaemonSet;

const node = (name: string, more: object = {}): Node =>
  ({ metadata: { name, labels: {} }, spec: {}, ...more }) as unknown as Node;
const tainted = (name: string, effect: string): Node => node(name, { spec: { taints: [{ key: 'mine', effect }] } });

let seconds = 0;
const pod = (
  on: string,
  revision = NEW,
  more: { ready?: boolean; phase?: string; going?: boolean; unbound?: boolean } = {},
): Pod => ({
  metadata: {
    name: `agent-${on}-${seconds}`,
    namespace: 'ns',
    labels: { 'controller-revision-hash': revision },
    creationTimestamp: new Date(NOW.getTime() - 1_000_000 + 1_000 * seconds++).toISOString(),
    ...(more.going ? { deletionTimestamp: '2026-01-01T00:59:59Z' } : {}),
  },
  spec: more.unbound ? daemonPod(set(), node(on)).spec : { containers: [], nodeName: on },
  status: {
    phase: more.phase ?? 'Running',
    conditions: [{ type: 'Ready', status: more.ready === false ? 'False' : 'True' }],
  },
});

const names = (pods: readonly Pod[]): (string | undefined)[] => pods.map(({ metadata }) => metadata.name);
const place = (of: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]) =>
  planPlacement(of, fitNodes(of, nodes), groupByNode(pods), NEW, NOW);
const update = (of: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]) =>
  planRollingUpdate(of, fitNodes(of, nodes), groupByNode(pods), NEW, NOW);

describe('which nodes run a daemon', () => {
  it.each<[string, DaemonSet, Node, boolean, boolean]>([
    ['any node', set(), node('a'), true, true],
    [
      'not one whose taint it does not tolerate; but there already it stays',
      set(),
      tainted('a', 'NoSchedule'),
      false,
      true,
    ],
    ['not one that drives it away', set(), tainted('a', 'NoExecute'), false, false],
    ['one with a taint that only advises', set(), tainted('a', 'PreferNoSchedule'), true, true],
    [
      'one that is unreachable and cordoned',
      set(),
      node('a', {
        spec: {
          taints: [
            { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
            { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
          ],
        },
      }),
      true,
      true,
    ],
    ['not one that its selector does not match', set({}, { nodeSelector: { gpu: 'yes' } }), node('a'), false, false],
    ['only the one that it names', set({}, { nodeName: 'b' }), node('a'), false, false],
  ])('%s', (_, of, on, shouldRun, shouldContinue) => {
    expect(fitNodes(of, [on])).toEqual([{ node: on, shouldRun, shouldContinue }]);
  });
});

describe('where daemons are placed', () => {
  it('has one on each node that fits, bound or about to be', () => {
    const { create, delete: remove } = place(
      set(),
      [node('a'), node('b'), node('c')],
      [pod('a'), pod('b', NEW, { unbound: true })],
    );
    expect(create.map(({ metadata }) => metadata.name)).toEqual(['c']);
    expect(remove).toEqual([]);
  });

  it('keeps the oldest of two, but rather one that has its node', () => {
    const pods = [pod('a', NEW, { unbound: true }), pod('a'), pod('a')];
    expect(names(place(set(), [node('a')], pods).delete)).toEqual(names([pods[2]!, pods[0]!]));
  });

  it('tells finished pods apart, and waits for those that are going', () => {
    const failed = pod('a', NEW, { phase: 'Failed' });
    expect(place(set(), [node('a')], [failed])).toMatchObject({ create: [], delete: [], failed: [failed] });
    expect(place(set(), [node('a')], [pod('a', NEW, { going: true })])).toMatchObject({
      create: [],
      delete: [],
      failed: [],
    });
  });

  it.each<[string, object, object, string | undefined]>([
    ['both, while the new one is not ready', { ready: true }, { ready: false }, undefined],
    ['only the new one once it is available', { ready: true }, { ready: true }, OLD],
    ['only the new one when the old one serves nobody', { ready: false }, { ready: false }, OLD],
  ])('leaves of a surge %s', (_, old, fresh, removed) => {
    const of = set({ maxSurge: 1, maxUnavailable: 0 });
    const { delete: remove } = place(of, [node('a')], [pod('a', OLD, old), pod('a', NEW, fresh)]);
    expect(remove.map(({ metadata }) => metadata.labels?.['controller-revision-hash'])).toEqual(
      removed ? [removed] : [],
    );
  });
});

describe('a rolling update of daemons', () => {
  const nodes = ['a', 'b', 'c', 'd'].map((name) => node(name));
  const old = (more: object = {}): Pod[] => nodes.map(({ metadata }) => pod(metadata.name!, OLD, more));

  it.each<[string, object, number]>([
    ['one at a time', { maxUnavailable: 1 }, 1],
    ['as many as may be down', { maxUnavailable: '50%' }, 2],
    ['at least one, as percentages round up', { maxUnavailable: '1%' }, 1],
  ])('deletes %s', (_, rolling, count) => {
    expect(update(set(rolling), nodes, old()).delete).toHaveLength(count);
  });

  it('replaces what is down anyway, at no cost', () => {
    expect(update(set({ maxUnavailable: 1 }), nodes, old({ ready: false })).delete).toHaveLength(4);
  });

  it('surges as many as it may, and deletes none for it', () => {
    const { create, delete: remove } = update(set({ maxSurge: 2, maxUnavailable: 0 }), nodes, old());
    expect(create).toHaveLength(2);
    expect(remove).toEqual([]);
  });

  it('never has more nodes without a ready daemon than it may, and ends', () => {
    const cases = fc.record({
      count: fc.integer({ min: 1, max: 6 }),
      surge: fc.boolean(),
      bound: fc.integer({ min: 1, max: 6 }),
      luck: fc.array(fc.nat({ max: 5 }), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(cases, ({ count, surge, bound, luck }) => {
        const of = set(surge ? { maxSurge: bound, maxUnavailable: 0 } : { maxUnavailable: bound });
        const all = Array.from({ length: count }, (_, at) => node(`n${at}`));
        const fitted = fitNodes(of, all);
        let pods = all.map(({ metadata }) => pod(metadata.name!, OLD));
        for (const lucky of [...luck, ...Array.from({ length: 40 }, (_, at) => at % 6)]) {
          const placement = planPlacement(of, fitted, groupByNode(pods), NEW, NOW);
          const step = planRollingUpdate(of, fitted, groupByNode(pods), NEW, NOW);
          const gone = new Set([...placement.delete, ...step.delete]);
          const made = [...placement.create, ...step.create].map(({ metadata }) =>
            pod(metadata.name!, NEW, { ready: false }),
          );
          pods = [...pods.filter((each) => !gone.has(each)), ...made];
          const ready = new Set(
            pods.filter((each) => each.status?.conditions?.[0]?.status === 'True').map((each) => each.spec.nodeName),
          );
          expect(count - ready.size).toBeLessThanOrEqual(surge ? 0 : bound);
          if (surge) expect(pods.length).toBeLessThanOrEqual(count + bound);
          const waiting = pods.filter((each) => each.status?.conditions?.[0]?.status === 'False');
          const next = waiting[lucky % Math.max(1, waiting.length)];
          if (next) pods = pods.map((each) => (each === next ? pod(next.spec.nodeName!, NEW) : each));
        }
        const status = planStatus(of, fitted, groupByNode(pods), NEW, NOW);
        expect(status).toMatchObject({ updatedNumberScheduled: count, numberAvailable: count, numberReady: count });
        expect(pods).toHaveLength(count);
      }),
    );
  });
});

describe('the status of a daemon set', () => {
  it('counts nodes that should run one, that do, and that should not', () => {
    const of = set();
    const nodes = [node('a'), node('b'), node('c'), tainted('d', 'NoSchedule')];
    const pods = [pod('a'), pod('b', OLD, { ready: false }), pod('d')];
    expect(planStatus(of, fitNodes(of, nodes), groupByNode(pods), NEW, NOW)).toEqual({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 2,
      numberMisscheduled: 1,
      numberReady: 1,
      numberAvailable: 1,
      numberUnavailable: 2,
      updatedNumberScheduled: 1,
      observedGeneration: 1,
    });
  });
});
