import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './cluster/eventually.ts';
import { startHaCluster, type HaCluster } from './cluster/ha-cluster.ts';
import { PodChurn } from './load/pod-churn.ts';

const PILOTHOUSE = join(import.meta.dirname, '..', '..', 'apps', 'pilothouse', 'src', 'main.ts');
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const run = promisify(execFile);

let cluster: HaCluster;

/** The command as an operator types it, with the access of docs/deploy/etcd.md. */
async function etcd(...args: string[]): Promise<string> {
  const { pki, etcd: members } = cluster;
  const access = [
    `--endpoints=${members.map(({ endpoint }) => endpoint).join()}`,
    `--cacert=${pki.path('etcd/ca.crt')}`,
    `--cert=${pki.path('etcd/healthcheck-client.crt')}`,
    `--key=${pki.path('etcd/healthcheck-client.key')}`,
  ];
  const { stdout } = await run(process.execPath, [PILOTHOUSE, 'etcd', ...args, ...access]);
  return stdout;
}

async function create(name: string): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
  const { code, body } = await cluster.api.call('POST', CONFIG_MAPS, object);
  if (code !== 201) throw new Error(`${code}: ${body['message']}`);
}

async function codeOf(name: string): Promise<number> {
  return (await cluster.api.call('GET', `${CONFIG_MAPS}/${name}`)).code;
}

beforeAll(async () => {
  cluster = await startHaCluster();
}, 150_000);

afterAll(() => cluster?.stop(), 60_000);

describe('looking after the etcd of a cluster that runs', () => {
  it('shows every member, and who leads', async () => {
    const lines = (await etcd('status')).trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => line.includes('leader'))).toHaveLength(1);
  });

  it('gives space back, member by member', async () => {
    expect((await etcd('defrag')).match(/MB → /g)).toHaveLength(3);
    expect(await codeOf('kube-root-ca.crt')).toBe(200);
  });

  it('replaces a member whose data is lost', { timeout: 60_000 }, async () => {
    const lost = cluster.etcd[1]!;
    await lost.kill9();
    await rm(lost.dataDir, { recursive: true });
    const members = await cluster.etcdClient.maintenance.memberList();
    const name = members.find(({ clientUrls }) => clientUrls.includes(lost.endpoint))!.name;
    expect(await etcd('member', 'replace', name)).toContain('--initial-cluster-state=existing');
    process.env['ETCD_INITIAL_CLUSTER_STATE'] = 'existing';
    try {
      await lost.restart();
    } finally {
      delete process.env['ETCD_INITIAL_CLUSTER_STATE'];
    }
    await eventually('it has all the data', 20_000, async () => {
      const statuses = await Promise.all(
        cluster.etcd.map((each) => cluster.etcdClient.maintenance.status(each.endpoint)),
      );
      return (
        Math.max(...statuses.map(({ revision }) => revision)) - Math.min(...statuses.map(({ revision }) => revision)) <
        20
      );
    });
    await eventually('the apiservers are ready', 30_000, () => cluster.apiserversReady());
  });

  it('comes back from a snapshot after all members are lost', { timeout: 120_000 }, async () => {
    const churn = new PodChurn(cluster.api);
    await create('before');
    const file = join(cluster.directory, 'snapshot.db');
    await etcd('snapshot', 'save', file);
    expect(await etcd('snapshot', 'status', file)).toContain('sha256');
    await create('after');
    const members = await cluster.etcdClient.maintenance.memberList();

    await Promise.all(cluster.etcd.map((member) => member.kill9()));
    await Promise.all(cluster.etcd.map(({ dataDir }) => rm(dataDir, { recursive: true })));
    await Promise.all(cluster.apiservers.map((each) => each.kill9()));
    const initialCluster = members.map(({ name, peerUrls }) => `${name}=${peerUrls[0]}`).join();
    for (const { endpoint, dataDir } of cluster.etcd) {
      const { name, peerUrls } = members.find(({ clientUrls }) => clientUrls.includes(endpoint))!;
      await etcd(
        ...['snapshot', 'restore', file, `--etcd-data-dir=${dataDir}`, `--name=${name}`],
        ...[`--initial-cluster=${initialCluster}`, `--initial-advertise-peer-urls=${peerUrls[0]}`],
      );
    }
    await Promise.all(cluster.etcd.map((member) => member.restart()));
    for (const each of cluster.apiservers) each.start();

    await eventually('the apiservers are ready', 30_000, () => cluster.apiserversReady());
    expect(await codeOf('before')).toBe(200);
    expect(await codeOf('after')).toBe(404);
    // Scheduler, controllers and kubelet were told nothing; they notice that their watches lead nowhere.
    await churn.start();
    await churn.stop();
    await eventually('new pods run', 60_000, async () => {
      await churn.scale(5);
      const { ready, total } = await churn.ready();
      return ready === 5 && total === 5;
    });
  });
});
