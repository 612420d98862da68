import { check } from '../check.ts';
import { docker } from '../docker.ts';
import { imageOf } from '../images.ts';
import { underLoad } from '../under-load.ts';
import type { Scenario } from './scenario.ts';

/** docs/deploy/etcd.md: one member's data is lost for good. The leader's, which is the harder case. */
export const memberReplacement: Scenario = {
  name: 'member-replacement',
  async run(cluster) {
    const lost = await cluster.etcdLeader();
    const lose = async (): Promise<void> => {
      await docker('kill', await cluster.container(lost));
      const wiping = ['--rm', '--user=0', '--entrypoint=rm', `--volume=${cluster.name}_${lost}:/data`];
      await docker('run', ...wiping, imageOf('pilothouse', cluster.tag), '-rf', '/data/member-data');
    };
    const replace = async () => void (await cluster.script('replace-member.sh', lost));
    await underLoad(cluster, [
      { title: `${lost}, the leader, killed and its data lost`, run: lose },
      { title: `${lost} replaced`, run: replace },
    ]);
    await cluster.healthy(lost);
    const lines = (await cluster.etcd('status')).split('\n');
    check(lines.length === 3 && lines.some((line) => line.includes(lost)), 'three members serve again');
  },
};
