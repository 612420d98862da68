import { expect } from 'vitest';
import { eventually, refusal, story, type Story } from '../story.ts';
import { pod } from '../apps/workloads.ts';
import type { Json } from '../api.ts';
import { customResourceDefinition, established } from './custom-resources.ts';

/** A quota whose status is there; tells what of it is used. */
async function quota({ api, in: within }: Story, name: string, spec: Json): Promise<(used: Json) => Promise<void>> {
  const path = `${within()}/resourcequotas`;
  await api.create(path, { metadata: { name }, spec });
  await eventually(async () => expect((await api.get(`${path}/${name}`)).status.hard).toEqual(spec.hard));
  return (used) => eventually(async () => expect((await api.get(`${path}/${name}`)).status.used).toMatchObject(used));
}

const ofClass = (operator: string, ...values: readonly string[]): Json => ({
  scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values.length ? { values } : {}) }] },
});

const claim = (name: string, spec: Json = {}): Json => ({
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName: 'none',
    ...spec,
  },
});

async function priorityClass({ api, unique, after }: Story): Promise<string> {
  const name = unique('pclass');
  const path = '/apis/scheduling.k8s.io/v1/priorityclasses';
  after(() => api.send('DELETE', `${path}/${name}`));
  await api.create(path, { metadata: { name }, value: 1_000 });
  return name;
}

story('a quota follows the life of a claim, of any storage class and of its own', async (told) => {
  const uses = await quota(told, 'storage', {
    hard: {
      persistentvolumeclaims: '2',
      'requests.storage': '10Gi',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
      'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
    },
  });
  const path = `${told.in()}/persistentvolumeclaims`;
  await told.api.create(path, claim('any'));
  await uses({ persistentvolumeclaims: '1', 'requests.storage': '1Gi' });
  await told.api.create(path, claim('gold', { storageClassName: 'gold' }));
  await uses({ persistentvolumeclaims: '2', 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' });
  const { body } = await refusal(told.api.create(path, claim('more', { storageClassName: 'gold' })));
  expect(body.message).toContain('exceeded quota: storage');
  await told.api.delete(`${path}/any`);
  await told.api.delete(`${path}/gold`);
  await uses({ persistentvolumeclaims: '0', 'requests.storage': '0' });
});

story('a quota follows the life of a custom resource', async (told) => {
  const crd = customResourceDefinition(told);
  await established(told, crd);
  const { group, names } = crd.spec;
  const counted = `count/${names.plural}.${group}`;
  const uses = await quota(told, 'custom', { hard: { [counted]: '1' } });
  const path = `${told.in(`${group}/v1`)}/${names.plural}`;
  const resource = (name: string): Json => ({
    apiVersion: `${group}/v1`,
    kind: names.kind,
    metadata: { name },
  });
  await told.api.create(path, resource('first'));
  await uses({ [counted]: '1' });
  const { body } = await refusal(told.api.create(path, resource('second')));
  expect(body.message).toContain(`requested: ${counted}=1, used: ${counted}=1, limited: ${counted}=1`);
  await told.api.delete(`${path}/first`);
  await uses({ [counted]: '0' });
  await told.api.create(path, resource('second'));
});

for (const [operator, counts] of [
  ['In', [1, 0]],
  ['NotIn', [0, 1]],
  ['Exists', [1, 1]],
] as const) {
  story(`a quota for priority classes with ${operator} counts the pods it speaks of`, async (told) => {
    const [named, other] = [await priorityClass(told), await priorityClass(told)];
    const uses = await quota(told, 'q', {
      hard: { pods: '2' },
      ...(operator === 'Exists' ? ofClass(operator) : ofClass(operator, named)),
    });
    const path = `${told.in()}/pods`;
    await told.api.create(path, pod('named', 'sleep 1000', { priorityClassName: named }));
    await uses({ pods: String(counts[0]) });
    await told.api.create(path, pod('other', 'sleep 1000', { priorityClassName: other }));
    await uses({ pods: String(counts[0] + counts[1]) });
    await told.api.delete(`${path}?gracePeriodSeconds=0`);
    await uses({ pods: '0' });
  });
}

story('a quota of a priority class refuses the pod that is too many', async (told) => {
  const name = await priorityClass(told);
  await quota(told, 'q', { hard: { pods: '1' }, ...ofClass('In', name) });
  const path = `${told.in()}/pods`;
  await told.api.create(path, pod('first', 'sleep 1000', { priorityClassName: name }));
  const { code, body } = await refusal(told.api.create(path, pod('second', 'sleep 1000', { priorityClassName: name })));
  expect(code).toBe(403);
  expect(body.message).toContain('exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1');
  await told.api.create(path, pod('third', 'sleep 1000'));
});

story('a quota counts the pods whose affinity looks into other namespaces', async (told) => {
  const uses = await quota(told, 'q', {
    hard: { pods: '1' },
    scopeSelector: { matchExpressions: [{ scopeName: 'CrossNamespacePodAffinity', operator: 'Exists' }] },
  });
  const term = { labelSelector: { matchLabels: { a: 'b' } }, topologyKey: 'kubernetes.io/hostname' };
  const affinity = (namespaces?: readonly string[]): Json => ({
    affinity: {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, namespaces }] },
    },
  });
  const path = `${told.in()}/pods`;
  await told.api.create(path, pod('here', 'sleep 1000', affinity()));
  await told.api.create(path, pod('there', 'sleep 1000', affinity(['default'])));
  await uses({ pods: '1' });
  expect((await refusal(told.api.create(path, pod('more', 'sleep 1000', affinity(['default']))))).code).toBe(403);
});

for (const [spec, message] of [
  [{ hard: { services: '1' }, scopes: ['BestEffort'] }, 'unsupported scope applied to resource'],
  [{ hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] }, 'conflicting scopes'],
  [{ hard: { pods: '1' }, ...ofClass('In') }, 'must be at least one value when `operator` is'],
] as const) {
  story(`a quota whose scopes make no sense is refused: ${message}`, async ({ api, in: within }) => {
    const { code, body } = await refusal(api.create(`${within()}/resourcequotas`, { metadata: { name: 'q' }, spec }));
    expect(code).toBe(422);
    expect(body.message).toContain(message);
  });
}
