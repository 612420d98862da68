// Drives a cluster with the official JavaScript client: node stories.mjs <story> <namespace>.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AppsV1Api,
  Attach,
  CoreV1Api,
  Cp,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
  Watch,
} from '@kubernetes/client-node';

const config = new KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(CoreV1Api);
const apps = config.makeApiClient(AppsV1Api);

async function eventually(what, holds) {
  for (let tries = 0; !(await holds()); tries++) {
    assert(tries < 400, `${what}: did not happen in time`);
    await delay(100);
  }
}

async function refused(code, reason, call) {
  await assert.rejects(call, (error) => {
    const status = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
    assert.equal(error.code, code);
    assert.equal(status.reason, reason);
    return true;
  });
}

const podSpec = { containers: [{ name: 'main', image: 'nginx:1.27' }] };
const deployment = (name, replicas) => ({
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: podSpec },
  },
});

const stories = {
  /** Creates, reads, patches and deletes. */
  async objects(namespace) {
    const created = await apps.createNamespacedDeployment({ namespace, body: deployment('web', 2) });
    assert(created.metadata.creationTimestamp instanceof Date);
    const available = async () =>
      (await apps.readNamespacedDeployment({ name: 'web', namespace })).status.availableReplicas;
    await eventually('two available', async () => (await available()) === 2);
    const pods = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
    assert.equal(pods.items.length, 2);
    const patched = await apps.patchNamespacedDeployment(
      { name: 'web', namespace, body: { spec: { replicas: 1 } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    assert.equal(patched.spec.replicas, 1);
    await refused(409, 'AlreadyExists', apps.createNamespacedDeployment({ namespace, body: deployment('web', 1) }));
    await refused(404, 'NotFound', core.readNamespacedPod({ name: 'none', namespace }));
    await apps.deleteNamespacedDeployment({ name: 'web', namespace, propagationPolicy: 'Foreground' });
    await eventually('no pods', async () => (await core.listNamespacedPod({ namespace })).items.length === 0);
  },

  /** Keeps an informer, and watches from a version on. */
  async watches(namespace) {
    const seen = [];
    const list = () => core.listNamespacedConfigMap({ namespace });
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list);
    for (const event of ['add', 'update', 'delete'])
      informer.on(event, ({ metadata }) => metadata.name.startsWith('c') && seen.push(`${event} ${metadata.name}`));
    await informer.start();
    const { resourceVersion } = (await list()).metadata;
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'c1' }, data: { a: '1' } } });
    await core.replaceNamespacedConfigMap({
      namespace,
      name: 'c1',
      body: { metadata: { name: 'c1' }, data: { a: '2' } },
    });
    await core.deleteNamespacedConfigMap({ namespace, name: 'c1' });
    await eventually('three events', () => seen.length === 3);
    await informer.stop();
    assert.deepEqual(seen, ['add c1', 'update c1', 'delete c1']);
    const types = [];
    await new Promise((resolve, reject) => {
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const options = { resourceVersion, timeoutSeconds: 2, allowWatchBookmarks: true };
      const done = (error) => (error ? reject(error) : resolve());
      new Watch(config).watch(
        path,
        options,
        (type, object) => object.metadata?.name === 'c1' && types.push(type),
        done,
      );
    });
    assert.deepEqual(types, ['ADDED', 'MODIFIED', 'DELETED']);
  },

  /** Works on any kind, found through discovery, and applies on the server. */
  async apply(namespace) {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace },
      data: { colour: 'blue' },
    };
    const applied = await objects.patch(
      body,
      undefined,
      undefined,
      'javascript',
      undefined,
      PatchStrategy.ServerSideApply,
    );
    assert.equal(applied.data.colour, 'blue');
    body.data.colour = 'red';
    await refused(
      409,
      'Conflict',
      objects.patch(body, undefined, undefined, 'other', undefined, PatchStrategy.ServerSideApply),
    );
    assert.equal((await objects.read(body)).data.colour, 'blue');
    assert.equal(
      (await objects.list('v1', 'ConfigMap', namespace)).items.filter(({ data }) => data.colour === 'blue').length,
      1,
    );
    await objects.delete(body);
  },

  /** Reads a log and runs a command over a WebSocket. */
  async streams(namespace) {
    await core.createNamespacedPod({ namespace, body: { metadata: { name: 'talker' }, spec: podSpec } });
    const phase = async () => (await core.readNamespacedPod({ name: 'talker', namespace })).status.phase;
    await eventually('running', async () => (await phase()) === 'Running');
    const log = new PassThrough();
    const logged = new Promise((resolve) => log.once('data', resolve));
    await new Log(config).log(namespace, 'talker', 'main', log, { follow: false });
    assert((await logged).length > 0);
    const out = new PassThrough();
    const said = [];
    out.on('data', (chunk) => said.push(chunk));
    const status = await new Promise((resolve, reject) => {
      new Exec(config)
        .exec(namespace, 'talker', 'main', ['echo', 'hello'], out, process.stderr, null, false, resolve)
        .catch(reject);
    });
    assert.equal(status.status, 'Success');
    assert.equal(Buffer.concat(said).toString(), 'hello\n');

    const there = await mkdtemp(join(tmpdir(), 'pilothouse-cp-'));
    await writeFile(join(there, 'file.txt'), 'copied\nwithout a newline at its end');
    const copy = new Cp(config);
    await copy.cpToPod(namespace, 'talker', 'main', there, '/tmp');
    const back = join(there, 'back');
    await eventually('the copy is back', async () => {
      await copy.cpFromPod(namespace, 'talker', 'main', 'file.txt', back, '/tmp');
      const text = await readFile(join(back, 'file.txt'), 'utf8').catch(() => '');
      return text === 'copied\nwithout a newline at its end';
    });

    const reader = { name: 'main', image: 'busybox', command: ['cat'], stdin: true, stdinOnce: true };
    const body = { metadata: { name: 'listener' }, spec: { containers: [reader], restartPolicy: 'Never' } };
    await core.createNamespacedPod({ namespace, body });
    const state = async () => (await core.readNamespacedPod({ name: 'listener', namespace })).status.phase;
    await eventually('running', async () => (await state()) === 'Running');
    const [typed, heard] = [new PassThrough(), new PassThrough()];
    const echoed = new Promise((resolve) => heard.once('data', resolve));
    const socket = await new Attach(config).attach(namespace, 'listener', 'main', heard, null, typed, false);
    typed.write('typed\n');
    assert.equal(String(await echoed), 'typed\n');
    socket.close();

    const server = net.createServer((socket) => {
      new PortForward(config).portForward(namespace, 'talker', [80], socket, null, socket);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const page = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers: { connection: 'close' } });
    assert.equal(page.status, 200);
    server.close();
  },
};

const [story, namespace] = process.argv.slice(2);
await core.createNamespace({ body: { metadata: { name: namespace } } });
await eventually(
  'the default service account',
  async () => (await core.listNamespacedServiceAccount({ namespace })).items.length > 0,
);
try {
  await stories[story](namespace);
} finally {
  await core.deleteNamespace({ name: namespace });
}
process.stdout.write('ok\n');
process.exit(0);
