// `npm run test:compose`: builds the images and puts the cluster of docker-compose.yml through what it must stand. Says why
// it is skipped where no Docker engine runs. With --no-build it takes images that are there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@pilothouse/testing';
import { ApiClient } from '../chaos/cluster/api-client.ts';
import { eventually } from '../chaos/cluster/eventually.ts';
import { disorderIn, lostWrites, undoneWrites } from '../chaos/load/history.ts';
import { WatchRecorder } from '../chaos/load/watch-recorder.ts';
import { longestPauseMs, Writers } from '../chaos/load/writers.ts';
import {
  compose,
  composeCommand,
  container,
  docker,
  run,
  runMeanwhile,
  succeeds,
  type ComposeProject,
} from './docker.ts';
import { buildImages, ensureForeignImages, ownSize } from './images.ts';

/** 15 s are wanted; a machine that is busy with other things as well may take twice as long. */
const READY_WITHIN_MS = 30_000;
const IMAGE_BYTES = 120e6;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

function skip(reason: string): never {
  process.stdout.write(`skipped: ${reason}\n`);
  process.exit(0);
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
  process.stdout.write(`  ✓ ${what}\n`);
}

if (!succeeds('docker', 'info')) skip('no Docker engine answers (docker info fails)');
if (!composeCommand()) skip('Docker Compose is not installed');
const why = ensureForeignImages();
if (why) skip(why);

const kubeconfigs = mkdtempSync(join(tmpdir(), 'pilothouse-compose-'));
const project: ComposeProject = {
  name: `pilothouse-test-${process.pid}`,
  environment: {
    ...process.env,
    COMPOSE_PROJECT_NAME: `pilothouse-test-${process.pid}`,
    COMPOSE: composeCommand()!.join(' '),
    PILOTHOUSE_PORT: String(await freePort()),
    PILOTHOUSE_KUBECONFIG_DIR: kubeconfigs,
    KUBECONFIG: join(kubeconfigs, 'admin.conf'),
  },
};
const kubectl = (...args: string[]) => run(project, 'kubectl', ...args);

async function up(): Promise<number> {
  const sinceMs = performance.now();
  compose(project, 'up', '-d', '--no-build');
  await eventually('three nodes are Ready', 60_000, async () => {
    return (
      kubectl('get', 'nodes', '--no-headers')
        .split('\n')
        .filter((line) => / Ready /.test(line)).length === 3
    );
  });
  return performance.now() - sinceMs;
}

/** What writers and a watch see while `work` goes on. */
async function underLoad(title: string, work: () => Promise<void>): Promise<void> {
  const api = new ApiClient(project.environment['KUBECONFIG']!);
  const recorder = new WatchRecorder(api, CONFIG_MAPS);
  await recorder.start();
  const writers = new Writers(api, 4);
  writers.start();
  await sleep(1_000);
  const fromMs = performance.now();
  await work();
  const toMs = performance.now();
  await writers.stop();
  const newest = Math.max(...writers.acknowledged.map(({ resourceVersion }) => resourceVersion));
  await eventually('the watch has caught up', 15_000, async () =>
    recorder.events.some((each) => each.resourceVersion >= newest),
  );
  await recorder.stop();
  api.close();
  kubectl('delete', 'configmaps', '--selector=!kept', '--field-selector=metadata.name!=kube-root-ca.crt');
  const written = recorder.events.filter(({ name, type }) => name.startsWith('writer-') && type !== 'DELETED');
  const wrong = [
    ...lostWrites(writers.acknowledged, recorder.events),
    ...undoneWrites(written),
    ...disorderIn(recorder.events),
  ];
  const pauseMs = longestPauseMs(writers.successesMs, fromMs, toMs);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const what = `${title} (${seconds(toMs - fromMs)}): ${writers.acknowledged.length} writes, longest pause ${seconds(pauseMs)}, nothing lost`;
  if (wrong.length > 0) process.stderr.write(`${wrong.slice(0, 10).join('\n')}\n`);
  check(wrong.length === 0, what);
}

/** Docker does not restart what it was told to kill. */
async function killed(service: string): Promise<void> {
  const id = container(project, service);
  docker('kill', id);
  await sleep(5_000);
  docker('start', id);
  await eventually(
    `${service} is healthy`,
    60_000,
    async () => docker('inspect', '--format={{.State.Health.Status}}', id) === 'healthy',
  );
}

try {
  if (!process.argv.includes('--no-build')) buildImages('pilothouse', 'latest');
  for (const app of ['apiserver', 'kubelet']) {
    const bytes = ownSize(`pilothouse/${app}:latest`);
    check(bytes < IMAGE_BYTES, `pilothouse/${app} adds ${(bytes / 1e6).toFixed(1)} MB to its base`);
  }

  const readyMs = await up();
  check(readyMs < READY_WITHIN_MS, `from nothing to three Ready nodes in ${(readyMs / 1000).toFixed(1)} s`);
  kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=6');
  kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  check(kubectl('logs', 'deployment/web').length > 0, 'a Deployment runs, and its logs can be read');
  const users = compose(project, 'ps', '-q')
    .trim()
    .split('\n')
    .map((id) => docker('inspect', '--format={{.Config.User}} {{.HostConfig.ReadonlyRootfs}}', id));
  check(
    users.every((each) => /^(node|1000:1000|haproxy|0:0) true$/.test(each)),
    'root file systems are read-only, users are not root',
  );

  for (const service of ['apiserver-1', 'etcd-1', 'etcd-2', 'etcd-3'])
    await underLoad(`${service} killed`, () => killed(service));
  await underLoad('every app rolled, one after the other', async () => runMeanwhile(project, 'deploy/compose/roll.sh'));

  kubectl('create', 'configmap', 'before', '--from-literal=a=b');
  const snapshot = join(kubeconfigs, 'snapshot.db');
  const taken = run(
    project,
    ...(['docker', 'exec', container(project, 'etcd-snapshots'), 'ls', '/snapshots'] as [string, ...string[]]),
  );
  check(/etcd-\d{8}T\d{6}Z\.db/.test(taken), 'a snapshot was taken by itself');
  const access = [
    'https://etcd-1:2379',
    '/pki/pki/etcd/ca.crt',
    '/pki/pki/etcd/healthcheck-client.crt',
    '/pki/pki/etcd/healthcheck-client.key',
  ];
  const flags = ['--endpoints', '--cacert', '--cert', '--key'].map((flag, index) => `${flag}=${access[index]}`);
  docker(
    'exec',
    container(project, 'etcd-snapshots'),
    'node',
    '/app/bin/main.js',
    'etcd',
    'snapshot',
    'save',
    '/snapshots/own.db',
    ...flags,
  );
  docker(
    'run',
    '--rm',
    '--user=0',
    '--entrypoint=sh',
    `--volume=${project.name}_snapshots:/snapshots:ro`,
    `--volume=${kubeconfigs}:/out`,
    'pilothouse/pilothouse:latest',
    '-c',
    'cat /snapshots/own.db > /out/snapshot.db',
  );
  kubectl('create', 'configmap', 'after', '--from-literal=a=b');
  run(project, 'deploy/compose/restore.sh', snapshot);
  await eventually('the apiservers are back', 60_000, async () => kubectl('get', '--raw', '/readyz') === 'ok');
  const names = kubectl('get', 'configmaps', '--output=name');
  check(
    names.includes('/before') && !names.includes('/after'),
    'a snapshot brings all three members back to its moment',
  );
  kubectl('scale', 'deployment/web', '--replicas=3');
  kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  check(true, 'the components went on by themselves');

  compose(project, 'down');
  await up();
  check(kubectl('get', 'configmaps', '--output=name').includes('/before'), 'down and up keep the state');
  compose(project, 'down', '-v');
  await up();
  check(!kubectl('get', 'configmaps', '--output=name').includes('/before'), 'down -v forgets it');
} catch (error) {
  const { message, stderr } = error as Error & { stderr?: string };
  process.stderr.write(`failed: ${message}\n${stderr ?? ''}\n`);
  process.exitCode = 1;
} finally {
  compose(project, 'down', '-v', '--remove-orphans');
  rmSync(kubeconfigs, { recursive: true, force: true });
}
