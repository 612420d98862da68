import { check, seconds } from '../check.ts';
import { docker } from '../docker.ts';
import type { Scenario } from './scenario.ts';

export const state: Scenario = {
  name: 'state',
  async run(cluster) {
    const names = () => cluster.kubectl('get', 'configmaps', '--output=name');
    const volumes = () => docker('volume', 'ls', '--quiet', `--filter=name=${cluster.name}_`);
    await cluster.kubectl('create', 'configmap', 'kept');
    await cluster.compose('down');
    check((await cluster.containers()).length === 0 && (await volumes()) !== '', 'down leaves the volumes');
    const againMs = await cluster.up();
    check((await names()).includes('/kept'), `down and up keep the state: Ready in ${seconds(againMs)}`);
    await cluster.compose('down', '--volumes');
    check((await volumes()) === '', 'down -v leaves nothing');
    await cluster.up();
    check(!(await names()).includes('/kept'), 'down -v has forgotten the state');
  },
};
