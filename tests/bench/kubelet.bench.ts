/**
 * What a pod costs a kubelet in processor time and memory when the apiserver costs nothing: from bound to ready, over an
 * in-memory cluster on a fake clock. `npm run bench -- kubelet`, or `node tests/bench/kubelet.bench.ts [pods]`.
 */
import { FakeCluster } from '../../apps/kubelet/src/testing/fake-cluster.ts';
import { print } from './measure.ts';

const [pods = 5000] = process.argv.slice(2).map(Number);
const NODES = 50;

const cluster = await new FakeCluster({
  flags: { nodes: NODES, maxPods: 2 * Math.ceil(pods / NODES) },
}).start();
cluster.createConfigMap('kube-root-ca.crt', { 'ca.crt': 'CERTIFICATE' });

const access = {
  name: 'access',
  projected: {
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt' } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  },
};
const volumeMounts = [{ name: 'access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }];

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const heapBefore = process.memoryUsage().rss;
const startMs = cpuMs();
for (let index = 0; index < pods; index++) {
  cluster.createPod(`web-${index}`, {
    nodeName: `node-${(index % NODES) + 1}`,
    volumes: [access],
    container: { resources: { requests: { cpu: '10m', memory: '16Mi' } }, volumeMounts },
  });
}
await cluster.clock.run(5000);
const readyMs = cpuMs();
print(`${pods} pods, bound to ready`, (readyMs - startMs) / pods, 'ms CPU/pod');
print(`${pods} pods, resident memory`, (process.memoryUsage().rss - heapBefore) / pods / 1024, 'KiB/pod');
if (!cluster.ready(`web-${pods - 1}`)) throw new Error('the pods are not ready');

await cluster.clock.run(120_000);
print(`${pods} pods, two quiet minutes`, (cpuMs() - readyMs) / pods, 'ms CPU/pod');
await cluster.stop();
process.exit(0);
