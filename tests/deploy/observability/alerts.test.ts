import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSignedCertificate } from '@pilothouse/pki';
import {
  freePort,
  startApiserver,
  startEtcdCluster,
  type RunningApiserver,
  type RunningEtcd,
} from '@pilothouse/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../../chaos/cluster/api-client.ts';
import { eventually } from '../../chaos/cluster/eventually.ts';
import { alertExpressions, isInstalled, OBSERVABILITY, panelExpressions, startPrometheus } from './prometheus.ts';
import type { RunningPrometheus } from './prometheus.ts';

const APPS = join(import.meta.dirname, '..', '..', '..', 'apps');
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
/** Longer than ApiserverSlow finds tolerable. */
const STILL_MS = 2_000;
/** Little, so that a few large objects use it up. */
const QUOTA = ['--quota-backend-bytes=6291456'];

describe.skipIf(!isInstalled('promtool'))('deploy/observability', () => {
  it('has a configuration and rules that Prometheus takes, each alert with a story of when it fires', () => {
    const promtool = (...args: string[]) => execFileSync('promtool', args, { cwd: OBSERVABILITY, encoding: 'utf8' });
    promtool('check', 'config', '--syntax-only', 'prometheus.yaml');
    promtool('test', 'rules', 'alerts.test.yaml');
    const told = readFileSync(join(OBSERVABILITY, 'alerts.test.yaml'), 'utf8');
    for (const alert of alertExpressions().keys()) expect(told).toContain(`alertname: ${alert}`);
  });
});

describe.skipIf(!isInstalled('prometheus'))('Prometheus with a control plane to look at', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pilothouse-prometheus-'));
  const children: ChildProcess[] = [];
  let etcd: RunningEtcd[];
  let apiserver: RunningApiserver;
  let api: ApiClient;
  let prometheus: RunningPrometheus;

  const start = (app: string, ...flags: string[]): ChildProcess => {
    const child = spawn(process.execPath, [join(APPS, app, 'src', 'main.ts'), ...flags], { stdio: 'ignore' });
    children.push(child);
    return child;
  };
  const fires = (alert: string) =>
    eventually(`${alert} fires`, 45_000, async () => (await prometheus.firing()).includes(alert));

  beforeAll(async () => {
    etcd = await startEtcdCluster(3, { flags: QUOTA });
    const servers = etcd.map(({ endpoint }) => endpoint);
    apiserver = await startApiserver({
      etcd: etcd[0]!,
      flags: [`--etcd-servers=${servers.join()}`, '--authorization-mode=Node,RBAC'],
      users: [
        { name: 'scheduler', user: 'system:kube-scheduler', groups: [] },
        { name: 'controllers', user: 'kubernetes-admin', groups: ['system:masters'] },
      ],
    });
    api = new ApiClient(apiserver.kubeconfig());
    const ports = [await freePort(), await freePort()];
    const served = (name: string, port: number) => [
      ...['--leader-elect=false', `--secure-port=${port}`, '--bind-address=127.0.0.1'],
      `--tls-cert-file=${apiserver.pki.path(`${name}.crt`)}`,
      `--tls-private-key-file=${apiserver.pki.path(`${name}.key`)}`,
      `--client-ca-file=${apiserver.pki.path('ca.crt')}`,
    ];
    start('scheduler', `--kubeconfig=${apiserver.kubeconfig('scheduler')}`, ...served('kube-scheduler', ports[0]!));
    start(
      'controller-manager',
      `--kubeconfig=${apiserver.kubeconfig('controllers')}`,
      `--service-account-private-key-file=${apiserver.pki.path('sa.key')}`,
      ...served('kube-controller-manager', ports[1]!),
    );
    prometheus = await startPrometheus(directory, join(apiserver.pki.dir, 'pki'), {
      apiserver: [`127.0.0.1:${apiserver.port}`],
      scheduler: [`127.0.0.1:${ports[0]}`],
      'controller-manager': [`127.0.0.1:${ports[1]}`],
      etcd: servers.map((each) => each.replace('http://', '')),
    });
    await eventually('everybody is up', 40_000, async () => (await prometheus.query('up == 1')).length === 6);
  }, 90_000);

  afterAll(async () => {
    api?.close();
    await prometheus?.stop();
    for (const child of children) child.kill('SIGKILL');
    await apiserver?.kill9();
    await Promise.all((etcd ?? []).map((member) => member.stop()));
    if (apiserver) rmSync(apiserver.pki.dir, { recursive: true, force: true });
    rmSync(directory, { recursive: true, force: true });
  }, 30_000);

  it('finds every metric that a rule or a panel names, and every panel shows something', async () => {
    const spec = { containers: [{ name: 'c', image: 'nginx' }] };
    await eventually('a pod waits for a node', 20_000, async () => {
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec };
      return [201, 409].includes((await api.call('POST', '/api/v1/namespaces/default/pods', pod)).code);
    });
    await api.call('GET', `${CONFIG_MAPS}/missing`);
    const expressions = [...alertExpressions(), ...panelExpressions()];
    expect(expressions.length).toBeGreaterThan(20);
    await eventually('everything named is there', 20_000, async () => {
      const known = new Set(await prometheus.metricNames());
      const named = expressions.flatMap(([, expression]) => expression.match(/\b[a-z]+(_[a-z]+){2,}\b/g) ?? []);
      const missing = named.filter((name) => !known.has(name) && !/^(histogram_quantile)$/.test(name));
      if (missing.length > 0) throw new Error(`nobody has ${missing.join()}`);
      for (const [title, expression] of panelExpressions())
        if ((await prometheus.query(expression)).length === 0) throw new Error(`nothing to see in: ${title}`);
      return true;
    });
    expect(await prometheus.firing()).toEqual([]);
  });

  // In this order: each fault leaves less of the cluster than the one before.
  it('ClientCertificateExpires: somebody comes with a certificate for five days', { timeout: 60_000 }, async () => {
    const read = (name: string) => readFileSync(apiserver.pki.path(name), 'utf8');
    const authority = { certPem: read('ca.crt'), keyPem: read('ca.key') };
    const subject = { commonName: 'somebody', usages: ['client'] as const, days: 5 };
    const { certPem: cert, keyPem: key } = await createSignedCertificate(authority, subject);
    const options = { cert, key, ca: authority.certPem, agent: false };
    const comes = () =>
      new Promise((resolve, reject) => {
        const call = request(`${apiserver.server}/version`, options, (answer) => answer.resume().on('end', resolve));
        call.on('error', reject).end();
      });
    // A counter that is seen for the first time has not increased yet.
    await comes();
    await eventually('it fires', 45_000, async () => {
      await comes();
      return (await prometheus.firing()).includes('ClientCertificateExpires');
    });
  });

  it('SchedulersAllDown, ControllerManagersAllDown: they end', { timeout: 60_000 }, async () => {
    for (const child of children) child.kill('SIGTERM');
    await fires('SchedulersAllDown');
    await fires('ControllerManagersAllDown');
  });

  it('EtcdQuotaNearlyUsed, EtcdAlarm, ApiserverErrors: etcd is full', { timeout: 90_000 }, async () => {
    const data = { large: 'x'.repeat(900_000) };
    let code = 201;
    for (let number = 0; code === 201; number++) {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `large-${number}` }, data };
      ({ code } = await api.call('POST', CONFIG_MAPS, object));
    }
    expect(code).toBe(500);
    await fires('EtcdQuotaNearlyUsed');
    // Who asks for readiness has the alarms looked at, as HAProxy does every second.
    await eventually('EtcdAlarm fires', 45_000, async () => {
      await api.call('GET', '/readyz').catch(() => undefined);
      return (await prometheus.firing()).includes('EtcdAlarm');
    });
    await eventually('ApiserverErrors fires', 45_000, async () => {
      await api.call('POST', CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'refused' } });
      return (await prometheus.firing()).includes('ApiserverErrors');
    });
  });

  it('ApiserverSlow: etcd stands still again and again', { timeout: 60_000 }, async () => {
    const signal = (name: NodeJS.Signals) => etcd.forEach(({ pid }) => process.kill(pid, name));
    await eventually('ApiserverSlow fires', 45_000, async () => {
      signal('SIGSTOP');
      const reads = [1, 2, 3, 4].map(() => api.call('GET', CONFIG_MAPS).catch(() => undefined));
      await sleep(STILL_MS);
      signal('SIGCONT');
      await Promise.all(reads);
      return (await prometheus.firing()).includes('ApiserverSlow');
    });
  });

  it('EtcdMemberDown, EtcdQuorumAtRisk: a member is killed', { timeout: 60_000 }, async () => {
    await etcd[2]!.kill9();
    await fires('EtcdMemberDown');
    await fires('EtcdQuorumAtRisk');
  });

  it('EtcdNoLeader: there is no majority', { timeout: 60_000 }, async () => {
    await etcd[1]!.kill9();
    await fires('EtcdNoLeader');
  });

  it('ApiserverDown, ApiserversAllDown: the only one is killed', { timeout: 60_000 }, async () => {
    await apiserver.kill9();
    await fires('ApiserverDown');
    await fires('ApiserversAllDown');
  });
});
