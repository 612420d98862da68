import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from '../chaos/cluster/api-client.ts';
import { eventually } from '../chaos/cluster/eventually.ts';
import { boundTwice, disorderIn, lostWrites, undoneWrites } from '../chaos/load/history.ts';
import { PodChurn } from '../chaos/load/pod-churn.ts';
import { WatchRecorder } from '../chaos/load/watch-recorder.ts';
import { longestPauseMs, Writers } from '../chaos/load/writers.ts';
import { check, note, seconds } from './check.ts';
import type { ComposeCluster } from './compose-cluster.ts';

const NAMESPACE = '/api/v1/namespaces/default';

/** Something that happens to the cluster while clients work with it. */
export interface Event {
  readonly title: string;
  run(): Promise<void>;
}

/** What four writers, two watches and a Deployment that grows and shrinks see of each event; then what was lost of it all. */
export async function underLoad(cluster: ComposeCluster, events: readonly Event[]): Promise<void> {
  const api = new ApiClient(cluster.kubeconfig);
  const configMaps = new WatchRecorder(api, `${NAMESPACE}/configmaps`);
  const pods = new WatchRecorder(api, `${NAMESPACE}/pods`);
  await Promise.all([configMaps.start(), pods.start()]);
  const writers = new Writers(api, 4);
  const churn = new PodChurn(api);
  writers.start();
  await churn.start();
  await sleep(1_000);
  try {
    for (const { title, run } of events) {
      const fromMs = performance.now();
      await run();
      const doneMs = performance.now();
      const known = new Set(pods.events.map(({ uid }) => uid));
      await eventually('writes go on and a new pod runs', 60_000, async () => {
        const fresh = pods.events.some(({ uid, object }) => !known.has(uid) && object['status']?.phase === 'Running');
        return fresh && writers.successesMs.at(-1)! > doneMs;
      });
      const pauseMs = longestPauseMs(writers.successesMs, fromMs, performance.now());
      note(`${title}: ${seconds(doneMs - fromMs)}, longest pause of writes ${seconds(pauseMs)}`);
    }
  } finally {
    await Promise.all([writers.stop(), churn.stop()]);
    const newest = Math.max(...writers.acknowledged.map(({ resourceVersion }) => resourceVersion));
    await eventually('the watch has caught up', 15_000, async () =>
      configMaps.events.some(({ resourceVersion }) => resourceVersion >= newest),
    ).finally(() => Promise.all([configMaps.stop(), pods.stop()]));
    api.close();
  }
  await cluster.kubectl('delete', 'deployment', 'churn');
  await cluster.kubectl('delete', 'configmap', 'writer-1', 'writer-2', 'writer-3', 'writer-4');
  const written = configMaps.events.filter(({ name, type }) => name.startsWith('writer-') && type !== 'DELETED');
  const wrong = [
    ...lostWrites(writers.acknowledged, configMaps.events),
    ...undoneWrites(written),
    ...disorderIn(configMaps.events),
    ...disorderIn(pods.events),
    ...boundTwice(pods.events),
    ...writers.unexpected,
  ];
  if (wrong.length > 0) process.stderr.write(`${wrong.slice(0, 10).join('\n')}\n`);
  const { acknowledged, failures } = writers;
  const count = new Set(pods.events.map(({ uid }) => uid)).size;
  check(
    wrong.length === 0,
    `of ${acknowledged.length} acknowledged writes (${failures} attempts repeated) and ${count} pods nothing was lost, undone, reordered or bound twice`,
  );
}
