import { configmaps, schemaFor, type Pod } from '@pilothouse/api';
import { createCodec } from '@pilothouse/apimachinery';
import { clientFromKubeconfig, createInformerFactory } from '@pilothouse/client';
import { startApiserver } from '@pilothouse/testing';

/**
 * What an informer and its client cost: `npm run bench informer [objects]`. Prints, for this process only, the
 * rate and the CPU time per operation of the initial list, of watch events, and of requests with many in flight.
 */
const count = Number(process.argv[2] ?? 5000);
const IN_FLIGHT = 64;
const namespace = 'default';

/** A pod as a running cluster has it: about 3.5 KB in JSON. */
function realisticPod(name: string): Pod {
  const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: '2030-01-01T00:00:00Z' });
  const mount = { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true };
  return {
    metadata: {
      name,
      namespace,
      labels: { app: 'web', 'pod-template-hash': '5776d5bb59' },
      annotations: { note: 'x'.repeat(200) },
    },
    spec: {
      containers: [
        {
          name: 'web',
          image: 'nginx:1.29',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          env: Array.from({ length: 8 }, (_, i) => ({ name: `NAME_${i}`, value: `value ${i}` })),
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
          volumeMounts: [mount],
        },
      ],
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
      automountServiceAccountToken: false,
    },
    status: {
      phase: 'Running',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    },
  };
}

async function measure(what: string, operations: number, run: () => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(startCpu);
  const perSecond = (operations / (performance.now() - startMs)) * 1000;
  const cpuUs = (user + system) / operations;
  console.log(`${what.padEnd(52)} ${perSecond.toFixed(0).padStart(8)} /s ${cpuUs.toFixed(1).padStart(8)} µs CPU each`);
}

async function inFlight(operations: number, act: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < operations) await act(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}

/** Decoding alone: the floor under every watch event. */
async function benchDecode(): Promise<void> {
  const codec = createCodec(schemaFor('', 'v1', 'Pod')!);
  const bytes = codec.encodeProtobuf({ kind: 'Pod', apiVersion: 'v1', ...realisticPod('web-0') });
  await measure(`decode a pod of ${bytes.length} bytes`, 20_000, async () => {
    for (let i = 0; i < 20_000; i++) codec.decodeProtobuf(bytes);
  });
}

const apiserver = await startApiserver();
try {
  await benchDecode();
  const client = await clientFromKubeconfig(apiserver.kubeconfig(), { userAgent: 'bench' });
  const resource = client.resource(configmaps);
  const data = { key: 'v'.repeat(1000) };
  const name = (i: number) => `cm-${i}`;
  await measure(`create ${count} objects of 1 KB, ${IN_FLIGHT} in flight`, count, () =>
    inFlight(count, (i) => resource.create({ metadata: { name: name(i), namespace }, data })),
  );
  await measure(`get, ${IN_FLIGHT} in flight`, count, () =>
    inFlight(count, (i) => resource.get(name(i), { namespace })),
  );
  await measure('list, per object', count, () => resource.list({ namespace }));

  const stop = new AbortController();
  const factory = createInformerFactory(client);
  const informer = factory.for(configmaps, { namespace });
  let updates = 0;
  let wake = () => {};
  informer.addHandler({
    onUpdate: () => {
      updates++;
      wake();
    },
  });
  await measure('initial list of an informer, per object', count, async () => {
    factory.start(stop.signal);
    await factory.waitForSync();
  });
  // The writes cost, too, and are shown apart above: subtract them.
  await measure('patch one object and see the event, per object', count, async () => {
    const body = { metadata: { labels: { touched: 'yes' } } };
    await inFlight(count, (i) => resource.patch(name(i), { type: 'merge', body }, { namespace }));
    while (updates < count) await new Promise<void>((resolve) => (wake = resolve));
  });
  stop.abort();
  client.close();
} finally {
  await apiserver.stop();
}
