/**
 * CPU time of the pure algorithms behind writes, on a Deployment of about 4 KB. `node tests/bench/patch.bench.ts`;
 * prints one line per operation: microseconds, median of the rounds.
 */
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  decodeJsonValue,
  deepClone,
  deepEqual,
  FieldManager,
  type KubeObject,
  parseLabelSelector,
  Quantity,
  selectorFromLabelSelector,
  validateObjectMeta,
} from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';

const schema = schemaFor('apps', 'v1', 'Deployment')!;
const normalForm = (value: object): any => decodeJsonValue(schema, value).object;

const container = (name: string, tag: string) => ({
  name,
  image: `registry.example/${name}:${tag}`,
  args: ['--verbose', '--listen=0.0.0.0', `--name=${name}`],
  ports: [
    { name: 'http', containerPort: 8080 },
    { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
  ],
  env: Array.from({ length: 8 }, (_, i) => ({ name: `${name.toUpperCase()}_SETTING_${i}`, value: `value-${i}` })),
  resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '1Gi' } },
  livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10 },
  readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 5 },
  volumeMounts: [
    { name: 'config', mountPath: '/etc/config' },
    { name: 'data', mountPath: '/data' },
  ],
});

const config = (replicas: number, tag: string): any => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web', tier: 'front', team: 'blue' } },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web', tier: 'front' } },
      spec: {
        containers: ['web', 'proxy', 'cache'].map((name) => container(name, tag)),
        volumes: [
          { name: 'config', configMap: { name: 'web' } },
          { name: 'data', emptyDir: {} },
        ],
      },
    },
  },
});

const manager = new FieldManager({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  emptyObject: normalForm({}),
  schemaFor: () => schema,
  convert: (object) => object,
});
const now = new Date('2026-01-01T00:00:00Z');
const stored = (object: KubeObject): any => {
  const copy = normalForm(object);
  copy.metadata.uid = '00000000-0000-0000-0000-000000000000';
  return copy;
};
const applied = stored(manager.apply(undefined, config(3, '1.0'), 'owner', false, now));
const live = stored(
  manager.update(
    applied,
    { ...applied, status: { ...applied.status, replicas: 3, readyReplicas: 3 } },
    'controller',
    now,
  ),
);
const strategic = {
  spec: {
    template: { spec: { containers: [{ name: 'proxy', image: 'x', env: [{ name: 'PROXY_SETTING_3', value: 'y' }] }] } },
  },
};
const scaled = { ...live, spec: { ...live.spec, replicas: 4 } };
const metadata = normalForm(config(3, '1.0'));

const operations: Record<string, () => unknown> = {
  'server-side apply, one field changed': () => manager.apply(live, config(4, '1.0'), 'owner', false, now),
  'server-side apply, three images changed': () => manager.apply(live, config(3, '2.0'), 'owner', false, now),
  'server-side apply, nothing changed': () => manager.apply(live, config(3, '1.0'), 'owner', false, now),
  'server-side apply, one container dropped': () => {
    const fewer = config(3, '1.0');
    fewer.spec.template.spec.containers.pop();
    return manager.apply(live, fewer, 'owner', false, now);
  },
  'server-side apply, create': () => manager.apply(undefined, config(3, '1.0'), 'owner', false, now),
  'managed fields of a create': () => manager.update(undefined, metadata, 'creator', now),
  'managed fields of an update': () => manager.update(live, scaled, 'scaler', now),
  'strategic merge patch': () => applyStrategicMergePatch(schema, live, strategic),
  'JSON merge patch': () => applyMergePatch(live, { spec: { replicas: 4 }, metadata: { labels: { tier: null } } }),
  'JSON patch': () => applyJsonPatch(live, [{ op: 'replace', path: '/spec/replicas', value: 4 }]),
  'deep clone': () => deepClone(live),
  'deep equal': () => deepEqual(live, applied),
  'validate metadata': () => validateObjectMeta(metadata, true),
  'parse label selector': () => parseLabelSelector('app=web,tier in (front,back),!canary'),
  'match label selector': () => selector.matches(live.metadata.labels),
  'parse and print quantity': () => Quantity.parse('1.5Gi').toString(),
};
const selector = selectorFromLabelSelector({ matchLabels: { app: 'web', tier: 'front' } });

console.log(`object: ${JSON.stringify(live).length} bytes, ${JSON.stringify(config(3, '1.0')).length} bytes applied`);
for (const [name, run] of Object.entries(operations)) {
  for (let i = 0; i < 500; i++) run();
  const rounds: number[] = [];
  for (let round = 0; round < 15; round++) {
    const started = process.hrtime.bigint();
    for (let i = 0; i < 200; i++) run();
    rounds.push(Number(process.hrtime.bigint() - started) / 200 / 1000);
  }
  rounds.sort((a, b) => a - b);
  console.log(`${name.padEnd(44)} ${rounds[7]!.toFixed(1).padStart(8)} µs`);
}
