import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, isInstalled, prepare, runClient, useCluster } from './cluster.ts';

describe.skipIf(!isInstalled('go'))('Helm 3', () => {
  const cluster = useCluster();
  const folder = cacheDir('helm');
  const binary = join(folder, 'helm');
  const chart = join(import.meta.dirname, 'helm', 'chart');
  const homes = { HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder };
  const helm = (...args: string[]) => runClient(cluster.get().kubeconfig, binary, ['-n', 'shop', ...args], homes);
  const greeting = () =>
    cluster.get().kubectl('-n', 'shop', 'get', 'configmap', 'shop', '-o', 'jsonpath={.data.greeting}');

  beforeAll(() => {
    if (existsSync(binary)) return;
    prepare('go', ['install', '-p', '1', 'helm.sh/helm/v3/cmd/helm@latest'], { env: { GOBIN: folder } });
  }, 900_000);

  it('installs, upgrades, rolls back, tests and uninstalls a chart, running its hooks', async () => {
    const wait = ['--wait', '--timeout', '60s'];
    expect(await helm('install', 'shop', chart, '--create-namespace', ...wait)).toContain('STATUS: deployed');
    expect(await greeting()).toBe('hello');
    await helm('upgrade', 'shop', chart, '--set', 'greeting=bye,image=nginx:1.28', ...wait);
    expect(await greeting()).toBe('bye');
    await helm('rollback', 'shop', '1', ...wait);
    expect(await greeting()).toBe('hello');
    expect(await helm('test', 'shop')).toContain('Succeeded');
    const history = JSON.parse(await helm('history', 'shop', '-o', 'json')) as { status: string }[];
    expect(history.map(({ status }) => status)).toEqual(['superseded', 'superseded', 'deployed']);
    await helm('uninstall', 'shop', '--wait');
    const hooks = await cluster
      .get()
      .kubectl('-n', 'shop', 'get', 'jobs', '-o', 'jsonpath={.items[*].metadata.labels.hook}');
    expect(hooks.split(' ').sort()).toEqual(['post-upgrade', 'pre-delete', 'pre-install', 'pre-rollback', 'test']);
    expect(await cluster.get().kubectl('-n', 'shop', 'get', 'deployments,services', '-o', 'name')).toBe('');
  });
});
