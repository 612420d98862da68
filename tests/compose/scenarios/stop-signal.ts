import { check, seconds } from '../check.ts';
import { docker } from '../docker.ts';
import type { Scenario } from './scenario.ts';

const STOPPED = [
  'kubelet',
  'scheduler-1',
  'controller-manager-1',
  'etcd-snapshots',
  'apiserver-1',
  'haproxy',
  'etcd-1',
];
/** An apiserver waits 2 s for HAProxy to notice, then for what is in flight. */
const LONGEST_MS = 12_000;
const KILLED = '137';

/** Each process is PID 1 of its container, where a signal without a handler is ignored until the engine kills. */
export const stopSignal: Scenario = {
  name: 'stop-signal',
  async run(cluster) {
    for (const service of STOPPED) {
      const id = await cluster.container(service);
      const sinceMs = performance.now();
      await docker('stop', '-t', '30', id);
      const tookMs = performance.now() - sinceMs;
      const code = await docker('inspect', '--format={{.State.ExitCode}}', id);
      check(
        code !== KILLED && tookMs < LONGEST_MS,
        `${service} stops on SIGTERM in ${seconds(tookMs)}, with code ${code}`,
      );
      await docker('start', id);
      if (service !== 'etcd-snapshots') await cluster.healthy(service);
    }
  },
};
