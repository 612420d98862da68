import { join } from 'node:path';
import { eventually } from '../../chaos/cluster/eventually.ts';
import { check, note } from '../check.ts';
import { docker } from '../docker.ts';
import type { Scenario } from './scenario.ts';

/** docs/deploy/etcd.md: back to a snapshot with all three members. */
export const disasterRecovery: Scenario = {
  name: 'disaster-recovery',
  async run(cluster) {
    await cluster.kubectl('create', 'configmap', 'before', '--from-literal=a=b');
    const snapshots = await cluster.container('etcd-snapshots');
    const taken = await docker('exec', snapshots, 'ls', '/snapshots');
    check(/etcd-\d{8}T\d{6}Z\.db/.test(taken), 'a snapshot was taken by itself');
    await cluster.etcd('snapshot', 'save', '/snapshots/own.db');
    const file = join(cluster.directory, 'own.db');
    await docker('cp', `${snapshots}:/snapshots/own.db`, file);
    await cluster.kubectl('create', 'configmap', 'after', '--from-literal=a=b');
    await cluster.script('restore.sh', file);
    await eventually(
      'the apiservers are back',
      60_000,
      async () => (await cluster.kubectl('get', '--raw', '/readyz')) === 'ok',
    );
    const names = await cluster.kubectl('get', 'configmaps', '--output=name');
    check(names.includes('/before') && !names.includes('/after'), 'all three members are back at the snapshot');
    for (const replicas of [3, 6]) {
      await cluster.kubectl('scale', 'deployment/web', `--replicas=${replicas}`);
      await cluster.kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    }
    note('schedulers, controllers and kubelets went on by themselves');
  },
};
