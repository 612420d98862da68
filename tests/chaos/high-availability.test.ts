import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { eventually } from './cluster/eventually.ts';
import { LEASE, startHaCluster, type HaCluster } from './cluster/ha-cluster.ts';
import { FAULTS } from './faults.ts';
import { boundTwice, disorderIn, lostWrites, takeovers, undoneWrites } from './load/history.ts';
import { PodChurn } from './load/pod-churn.ts';
import { WatchRecorder } from './load/watch-recorder.ts';
import { longestPauseMs, Writers } from './load/writers.ts';
import { Report } from './report.ts';

/** What a client may see at most, on a machine that is busy with the whole cluster at once. */
const LONGEST_PAUSE_MS = 10_000;
/** The others notice after a lease's life at the latest, and look once in a retry period, which is jittered. */
const LATEST_TAKEOVER_MS = LEASE.durationMs + 2.2 * LEASE.retryMs + 3_000;

let cluster: HaCluster;
let writers: Writers;
let churn: PodChurn;
let configMaps: WatchRecorder;
let pods: WatchRecorder;
let leases: WatchRecorder;
const report = new Report();

beforeAll(async () => {
  cluster = await startHaCluster();
  configMaps = new WatchRecorder(cluster.api, '/api/v1/namespaces/default/configmaps');
  pods = new WatchRecorder(cluster.api, '/api/v1/namespaces/default/pods');
  leases = new WatchRecorder(cluster.api, '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases');
  await Promise.all([configMaps, pods, leases].map((each) => each.start()));
  writers = new Writers(cluster.api, 4);
  writers.start();
  churn = new PodChurn(cluster.api);
  await churn.start();
}, 90_000);

afterAll(async () => {
  await Promise.all([writers?.stop(), churn?.stop(), configMaps?.stop(), pods?.stop(), leases?.stop()]);
  await cluster?.stop();
  report.publish();
}, 60_000);

/** A pod that did not exist at that moment has been bound and runs. */
function freshPodRuns(sinceMs: number): boolean {
  const known = new Set(pods.events.filter(({ atMs }) => atMs <= sinceMs).map(({ uid }) => uid));
  return pods.events.some(({ uid, object }) => !known.has(uid) && object['status']?.phase === 'Running');
}

describe('a cluster with two of everything and three of etcd, under load', () => {
  it.each(FAULTS)('survives: $name', { timeout: 60_000 }, async ({ name, inject, lease }) => {
    onTestFailed(() => {
      const recorders = [configMaps, pods, leases].map((each) => each.describe()).join('\n');
      process.stdout.write(`${recorders}\n${cluster.logs()}`);
    });
    const fromMs = performance.now();
    const wallMs = Date.now();
    const mend = await inject(cluster);
    await mend();
    const mendedMs = performance.now();
    await eventually('a new pod runs', 30_000, async () => freshPodRuns(lease ? mendedMs : fromMs));
    await eventually('every component is well', 30_000, async () => {
      cluster.leader(cluster.schedulers);
      cluster.leader(cluster.controllerManagers);
      await cluster.etcdLeader();
      return (await cluster.apiserversReady()) && writers.successesMs.at(-1)! > mendedMs;
    });
    const toMs = performance.now();

    const writePauseMs = longestPauseMs(writers.successesMs, fromMs, toMs);
    const readPauseMs = longestPauseMs(writers.readsMs, fromMs, toMs);
    const seenMs = configMaps.events.map(({ atMs }) => atMs);
    const watchPauseMs = longestPauseMs(seenMs, fromMs, toMs);
    let takeoverMs: number | undefined;
    if (lease) {
      // From the lease itself: its acquisition by another, after the moment of the fault.
      const changes = leases.events.filter(({ name: of, object }) => {
        return of === lease && Date.parse(object['spec'].acquireTime ?? 0) > wallMs;
      });
      expect(changes, `${lease} changed hands`).not.toHaveLength(0);
      takeoverMs = Date.parse(changes[0]!.object['spec'].acquireTime) - wallMs;
      expect(takeoverMs).toBeLessThan(LATEST_TAKEOVER_MS);
    }
    report.add({ fault: name, writePauseMs, readPauseMs, watchPauseMs, takeoverMs });
    expect(Math.max(writePauseMs, readPauseMs, watchPauseMs)).toBeLessThan(LONGEST_PAUSE_MS);
  });

  it('has lost, repeated, reordered and undone nothing', { timeout: 60_000 }, async () => {
    await writers.stop();
    await churn.stop();
    const newest = Math.max(...writers.acknowledged.map(({ resourceVersion }) => resourceVersion));
    await eventually('the watch has seen the last write', 10_000, async () =>
      configMaps.events.some(({ resourceVersion }) => resourceVersion >= newest),
    );
    const lost = [
      ...lostWrites(writers.acknowledged, configMaps.events),
      ...undoneWrites(configMaps.events.filter(({ name }) => name.startsWith('writer-'))),
      ...[configMaps, pods, leases].flatMap(({ events }) => disorderIn(events)),
    ];
    report.load({
      lost: lost.length,
      writes: writers.acknowledged.length,
      retried: writers.failures,
      events: configMaps.events.length + pods.events.length + leases.events.length,
      pods: new Set(pods.events.map(({ uid }) => uid)).size,
      resumed: configMaps.resumed + pods.resumed + leases.resumed,
      relisted: configMaps.relisted + pods.relisted + leases.relisted,
    });
    expect(lost).toEqual([]);
    expect(writers.unexpected).toEqual([]);
    expect(writers.acknowledged.length).toBeGreaterThan(500);
  });

  it('has bound no pod twice, and nobody took a lease that was still good', () => {
    expect(boundTwice(pods.events)).toEqual([]);
    for (const lease of ['kube-scheduler', 'kube-controller-manager']) {
      const changes = takeovers(leases.events, lease);
      expect(changes.length).toBeGreaterThan(0);
      for (const { silenceMs, released } of changes) {
        // Times in a lease have the resolution of the clock that wrote them; all are of one machine.
        if (!released) expect(silenceMs).toBeGreaterThanOrEqual(LEASE.durationMs - 50);
      }
    }
  });

  it('still does what it is told, exactly', { timeout: 60_000 }, async () => {
    await eventually('seven pods and no more', 30_000, async () => {
      await churn.scale(7);
      const { ready, total } = await churn.ready();
      const { body } = await cluster.api.call('GET', '/api/v1/namespaces/default/pods?labelSelector=app%3Dchurn');
      return ready === 7 && total === 7 && body['items'].length === 7;
    });
  });
});
