import { schemaFor, type Pod } from '@pilothouse/api';
import { createCodec } from '@pilothouse/apimachinery';
import { createEtcdClient } from '@pilothouse/etcd';
import { openStorage, type StorageCodec } from '@pilothouse/storage';
import { startEtcd } from '@pilothouse/testing';

/**
 * What storage costs, against a real etcd on the same machine: `node tests/bench/storage.bench.ts [pods]`. Rates are per
 * second with 64 operations in flight; CPU time is this process's alone. The last lines compare the lean transport of
 * @pilothouse/etcd with etcd3 over grpc-js, which grpc-connection.ts refers to.
 */
const count = Number(process.argv[2] ?? 10_000);
const IN_FLIGHT = 64;
const WATCHERS = 1_000;

/** A pod as a running cluster has it: 3.5 KB in JSON, 1.6 KB in Protobuf. */
function realisticPod(name: string): Pod {
  const mount = { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: crypto.randomUUID(),
      creationTimestamp: '2030-01-01T00:00:00Z',
      labels: { app: 'web', 'pod-template-hash': '5776d5bb59' },
      annotations: { note: 'x'.repeat(200) },
    },
    spec: {
      containers: [
        {
          name: 'web',
          image: 'nginx:1.29',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          env: Array.from({ length: 12 }, (_, index) => ({ name: `NAME_${index}`, value: `value ${index}` })),
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
          volumeMounts: [mount],
        },
      ],
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    },
    status: {
      phase: 'Running',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: '2030-01-01T00:00:00Z',
      })),
    },
  } as Pod;
}

async function measure(what: string, operations: number, run: (index: number) => Promise<unknown>): Promise<number> {
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
  let next = 0;
  const worker = async () => {
    while (next < operations) await run(next++);
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, operations) }, worker));
  const { user, system } = process.cpuUsage(startCpu);
  const perSecond = (operations / (performance.now() - startMs)) * 1_000;
  const micros = (user + system) / operations;
  console.log(
    `${what.padEnd(58)} ${Math.round(perSecond).toString().padStart(9)}/s ${micros.toFixed(1).padStart(8)} µs CPU`,
  );
  return perSecond;
}

const etcd = await startEtcd();
const client = createEtcdClient({ endpoints: [etcd.endpoint] });
const storage = await openStorage({ etcd: client, compactionIntervalMs: 0 });
const schemaCodec = createCodec(schemaFor('', 'v1', 'Pod')!);
const codec: StorageCodec = {
  encode: (object) => schemaCodec.encodeProtobuf(object),
  decode: (bytes) => schemaCodec.decodeProtobuf(bytes),
  encodeProtobuf: (object) => schemaCodec.encodeProtobuf(object),
};
const options = { group: '', resource: 'pods', storagePrefix: 'pods', namespaced: true, codec };
const pods = storage.resource(options);
await storage.ready();
const named = (index: number) => ({ namespace: 'default', name: `web-${String(index).padStart(6, '0')}` });
const latest = { namespace: '', resourceVersion: '' };

await measure('create (warming up)', 1_000, (index) =>
  pods.create({ namespace: 'warm', name: `w${index}` }, realisticPod(`w${index}`)),
);
await measure('create', count, (index) => pods.create(named(index), realisticPod(named(index).name)));
await measure('get, consistent', 5 * count, (index) => pods.get(named(index % count), { resourceVersion: '' }));
await measure('update', count, (index) =>
  pods.update(named(index), (current) => ({
    ...current!.object,
    metadata: { ...current!.object.metadata, generation: 2 },
  })),
);

const bytesOf = async () => Buffer.concat((await pods.list(latest)).items.map((item) => item.json())).length;
const bytes = await bytesOf();
const perSecond = await measure(`list of ${count} in JSON, repeated`, 50, bytesOf);
console.log(`${''.padEnd(58)} ${((perSecond * bytes) / 1e6).toFixed(0).padStart(9)} MB/s`);

const abort = new AbortController();
let deliveries = 0;
const readers = Array.from({ length: WATCHERS }, async () => {
  const watch = pods.watch({
    namespace: 'default',
    resourceVersion: '0',
    sendInitialEvents: false,
    allowBookmarks: false,
    signal: abort.signal,
  });
  for await (const batch of watch) deliveries += batch.length;
});
await pods.list(latest);
const events = 300;
await measure(`one event to ${WATCHERS} watchers`, events, async (index) => {
  await pods.delete(named(index));
});
await pods.list(latest);
console.log(`${''.padEnd(58)} ${deliveries} of ${events * WATCHERS} delivered`);
abort.abort();
await Promise.all(readers);

const late = await openStorage({ etcd: client, compactionIntervalMs: 0 });
await measure(`fill a cache with ${count} from etcd`, 1, () => late.resource(options).ready());
await late.close();

const { Etcd3 } = await import('etcd3');
const etcd3 = new Etcd3({ hosts: etcd.endpoint });
const value = codec.encode(realisticPod('value'));
const plain = (prefix: string) => (index: number) =>
  client.kv.put({ key: `/${prefix}/${index}`, value, expectedModRevision: 0 });
const grpc = (prefix: string) => (index: number) => {
  const key = `/${prefix}/${index}`;
  return etcd3.if(key, 'Mod', '==', 0).then(etcd3.put(key).value(value)).else(etcd3.get(key)).commit();
};
await storage.close();
await measure('etcd3, transaction (warming up)', 1_000, grpc('a'));
const slow = await measure('etcd3, transaction', 5_000, grpc('b'));
const fast = await measure('@pilothouse/etcd, transaction', 5_000, plain('c'));
console.log(`${''.padEnd(58)} ${(fast / slow).toFixed(2)} × the rate`);
const slowGet = await measure('etcd3, get', 5_000, (index) => etcd3.get(`/b/${index}`).buffer());
const fastGet = await measure('@pilothouse/etcd, get', 5_000, (index) => client.kv.get(`/b/${index}`));
console.log(`${''.padEnd(58)} ${(fastGet / slowGet).toFixed(2)} × the rate`);
etcd3.close();
client.close();
await etcd.stop();
