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

  const said = () => cluster.get().kubectl('-n', 'shop', 'get', 'greeting', 'shop', '-o', 'jsonpath={.text}');

  beforeAll(() => {
    if (existsSync(binary)) return;
    prepare('go', ['install', '-p', '1', 'helm.sh/helm/v3/cmd/helm@latest'], { env: { GOBIN: folder } });
  }, 900_000);

  it('installs, upgrades, rolls back, tests and uninstalls a chart, running its hooks', async () => {
    const wait = ['--wait', '--timeout', '60s'];
    expect(await helm('install', 'shop', chart, '--create-namespace', ...wait)).toContain('STATUS: deployed');
    expect([await greeting(), await said()]).toEqual(['hello', 'first']);
    const dry = await helm('upgrade', 'shop', chart, '--set', 'greeting=maybe', '--dry-run=server');
    expect(dry).toContain('STATUS: pending-upgrade');
    expect(dry).toMatch(/greeting: "?maybe/);
    expect(await greeting()).toBe('hello');
    await helm('upgrade', 'shop', chart, '--set', 'greeting=bye,image=nginx:1.28', ...wait);
    expect([await greeting(), await said()]).toEqual(['bye', 'after first']);
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
    // Definitions stay: with them would go everything that others made of them.
    expect(await cluster.get().kubectl('get', 'crd', 'greetings.helm.example.com', '-o', 'name')).not.toBe('');
  });

  it('takes an upgrade back that does not come up, when it is atomic', async () => {
    await helm('install', 'careful', chart, '--create-namespace', '--wait', '--timeout', '60s', '--no-hooks');
    const image = (path: string) => ['--set', `image=${path}`, '--no-hooks', '--timeout', '5s'];
    const broken = helm('upgrade', 'careful', chart, '--atomic', ...image('nginx@sha256:wrong'));
    await expect(broken).rejects.toThrow(/has been rolled back due to atomic being set/);
    const history = JSON.parse(await helm('history', 'careful', '-o', 'json')) as { status: string }[];
    expect(history.map(({ status }) => status)).toEqual(['superseded', 'failed', 'deployed']);
    expect(await cluster.get().kubectl('-n', 'shop', 'get', 'deployment', 'careful', '-o', 'jsonpath={..image}')).toBe(
      'nginx:1.27',
    );
    await helm('uninstall', 'careful', '--no-hooks');
  });
});
