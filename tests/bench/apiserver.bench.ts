import { type Pod, pods, serviceaccounts } from '@pilothouse/api';
import { clientFromKubeconfig, type KubeClient } from '@pilothouse/client';
import { startApiserver } from '@pilothouse/testing';
import { inFlight, measure, print } from './measure.ts';

/**
 * One apiserver process over a real etcd, asked by one client process on the same machine: `npm run bench apiserver`.
 * Client and server share the processors, so the server alone is faster than what is printed here.
 */
const CREATES = 3_000;
const GETS = 10_000;
const LISTED = 10_000;
const LISTS = 5;
const WATCHERS = 1_000;
const EVENTS = 20;
const namespace = 'default';

function podNamed(name: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
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
        },
      ],
    },
  };
}

const apiserver = await startApiserver({ flags: ['--max-mutating-requests-inflight=400'] });
const clients: KubeClient[] = [];
const connect = async (): Promise<KubeClient> => {
  const client = await clientFromKubeconfig(apiserver.kubeconfig(), { userAgent: 'bench' });
  clients.push(client);
  return client;
};
try {
  const client = await connect();
  // What the controller-manager would have made: pods need their service account.
  await client.resource(serviceaccounts).create({ metadata: { name: 'default', namespace } }, { namespace });
  const resource = client.resource(pods);
  await inFlight(500, (i) => resource.create(podNamed(`warm-${i}`), { namespace }));

  await measure('create pods, 64 in flight', CREATES, () =>
    inFlight(CREATES, (i) => resource.create(podNamed(`pod-${i}`), { namespace })),
  );
  await measure('get a pod, 64 in flight', GETS, () =>
    inFlight(GETS, (i) => client.raw('GET', `/api/v1/namespaces/${namespace}/pods/pod-${i % CREATES}`)),
  );

  await inFlight(LISTED - CREATES - 500, (i) => resource.create(podNamed(`more-${i}`), { namespace }));
  const list = () => client.raw('GET', '/api/v1/pods', { headers: { accept: 'application/json' } });
  const { body } = await list();
  print(`list of ${LISTED} pods in JSON`, body.length / 2 ** 20, 'MiB');
  await measure(
    'the same list, repeated',
    (LISTS * body.length) / 1e6,
    async () => {
      for (let i = 0; i < LISTS; i++) await list();
    },
    'MB/s',
  );

  await benchFanOut(client);
} finally {
  for (const client of clients) client.close();
  await apiserver.stop();
}

/** Events that reach a thousand open watches, and the server's CPU time for each delivery. */
async function benchFanOut(client: KubeClient): Promise<void> {
  const abort = new AbortController();
  let delivered = 0;
  let wake: () => void = () => undefined;
  const connections = await Promise.all(Array.from({ length: 10 }, connect));
  const { metadata } = await client.resource(pods).list({ namespace, limit: 1 });
  const watches = Array.from({ length: WATCHERS }, async (_, i) => {
    const events = connections[i % connections.length]!.resource(pods).watch({
      namespace,
      resourceVersion: metadata.resourceVersion ?? '',
      signal: abort.signal,
    });
    for await (const event of events) {
      if (event.type !== 'BOOKMARK' && ++delivered === WATCHERS * EVENTS) wake();
    }
  });
  const stopped = Promise.allSettled(watches);
  const all = new Promise<void>((resolve) => (wake = resolve));
  await measure(`one event to ${WATCHERS} watchers, ${EVENTS} times (deliveries)`, WATCHERS * EVENTS, async () => {
    for (let i = 0; i < EVENTS; i++)
      await client
        .resource(pods)
        .patch(`pod-${i}`, { type: 'merge', body: { metadata: { labels: { seen: `${i}` } } } }, { namespace });
    await all;
  });
  abort.abort();
  await stopped;
}
