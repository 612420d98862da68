import { afterAll, beforeAll, expect } from 'vitest';
import { WebhookServer } from '../../integration/webhook-server.ts';
import { eventually, refusal, story, type Story } from '../story.ts';
import { pod } from '../apps/workloads.ts';
import type { Json } from '../api.ts';
import { customResourceDefinition, DEFINITIONS, established } from './custom-resources.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = {
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
  operations: ['CREATE', 'UPDATE'],
};
const PODS = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] };

let server: WebhookServer;
beforeAll(async () => {
  server = await WebhookServer.start();
});
afterAll(() => server?.close());

type Kind = 'mutating' | 'validating';

const collection = (kind: Kind): string => `${CONFIGURATIONS}/${kind}webhookconfigurations`;

/** Webhooks that only see the story's namespace, registered and answering. */
async function register(told: Story, kind: Kind, webhooks: readonly Json[], labels?: Json): Promise<string> {
  const name = told.unique('webhook');
  told.after(() => told.api.send('DELETE', `${collection(kind)}/${name}`));
  await told.api.create(collection(kind), {
    metadata: { name, labels },
    webhooks: webhooks.map((webhook, i) => ({
      name: `w${i}.example.com`,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      timeoutSeconds: 10,
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': told.ns } },
      ...webhook,
    })),
  });
  return `${collection(kind)}/${name}`;
}

const addData =
  (key: string, unless = ''): Parameters<WebhookServer['serve']>[1] =>
  ({ object }) =>
    unless === '' || object.data?.[unless]
      ? { allowed: true, patch: [{ op: 'add', path: `/data/${key}`, value: 'yes' }] }
      : { allowed: true };

const denies = ({ object }: Json): Json =>
  object?.data?.['webhook-e2e-test'] === 'webhook-disallow'
    ? { allowed: false, status: { message: 'the configmap contains unwanted key and value', reason: 'because' } }
    : { allowed: true };

const unwanted = (name: string): Json => ({ metadata: { name }, data: { 'webhook-e2e-test': 'webhook-disallow' } });

story('webhook configurations are in the discovery documents', async ({ api }) => {
  const version = { groupVersion: 'admissionregistration.k8s.io/v1', version: 'v1' };
  expect((await api.get('/apis/admissionregistration.k8s.io')).versions).toContainEqual(version);
  const names = (await api.get(CONFIGURATIONS)).resources.map(({ name }: Json) => name);
  expect(names).toEqual(expect.arrayContaining(['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']));
});

story('a webhook denies the creation and the change of what it does not want', async (told) => {
  const path = `${told.in()}/configmaps`;
  await register(told, 'validating', [{ clientConfig: server.serve('/deny', denies), rules: [CONFIG_MAPS] }]);
  const refused = await refusal(told.api.create(path, unwanted('bad')));
  expect(refused.body.message).toBe(
    'admission webhook "w0.example.com" denied the request: the configmap contains unwanted key and value',
  );
  await told.api.create(path, { metadata: { name: 'good' }, data: { admit: 'this' } });
  expect((await refusal(told.api.replace(`${path}/good`, unwanted('good')))).body.message).toContain('unwanted key');
  expect((await refusal(told.api.patch(`${path}/good`, 'strategic', unwanted('good')))).body.message).toContain(
    'unwanted key',
  );
  const other = told.unique('exempt');
  await told.api.create('/api/v1/namespaces', { metadata: { name: other } });
  told.after(() => told.api.delete(`/api/v1/namespaces/${other}`));
  await told.api.create(`/api/v1/namespaces/${other}/configmaps`, unwanted('bad'));
});

story('a webhook that hangs denies the pod it should judge', async (told) => {
  const hang = server.serve('/hang', () => ({ allowed: true, delayMs: 4_000 }));
  await register(told, 'validating', [{ clientConfig: hang, rules: [PODS], timeoutSeconds: 1 }]);
  const { body } = await refusal(told.api.create(`${told.in()}/pods`, pod('hanging', 'true')));
  expect(body.message).toMatch(/failed calling webhook "w0.example.com"/);
  expect(body.message).toMatch(/deadline exceeded|Timeout exceeded/);
});

story('a webhook denies attaching to a pod', async (told) => {
  const attach = server.serve('/attach', ({ operation, subResource, object }) =>
    operation === 'CONNECT' && subResource === 'attach' && object.kind === 'PodAttachOptions'
      ? { allowed: false, status: { message: "attaching to pod 'to-be-attached-pod' is not allowed" } }
      : { allowed: true },
  );
  await register(told, 'validating', [
    { clientConfig: attach, rules: [{ ...PODS, resources: ['pods/attach'], operations: ['CONNECT'] }] },
  ]);
  await told.api.create(`${told.in()}/pods`, pod('to-be-attached-pod', 'sleep 1000'));
  await told.kubectl('wait pod/to-be-attached-pod --for=condition=Ready --timeout=60s');
  await expect(told.kubectl('attach to-be-attached-pod -i -c main')).rejects.toThrow(
    "attaching to pod 'to-be-attached-pod' is not allowed",
  );
});

story('a webhook that cannot be called denies everything when its policy is Fail', async (told) => {
  const { caBundle: _, ...noBundle } = server.serve('/fail-closed', () => ({ allowed: true }));
  await register(told, 'validating', [{ clientConfig: noBundle, rules: [CONFIG_MAPS], failurePolicy: 'Fail' }]);
  const { body } = await refusal(told.api.create(`${told.in()}/configmaps`, { metadata: { name: 'foo' } }));
  expect([body.code, body.reason]).toEqual([500, 'InternalError']);
});

story('webhooks mutate a config map one after the other', async (told) => {
  await register(told, 'mutating', [
    { clientConfig: server.serve('/stage-1', addData('mutation-stage-1', 'mutation-start')), rules: [CONFIG_MAPS] },
    { clientConfig: server.serve('/stage-2', addData('mutation-stage-2', 'mutation-stage-1')), rules: [CONFIG_MAPS] },
  ]);
  const created = await told.api.create(`${told.in()}/configmaps`, {
    metadata: { name: 'to-be-mutated' },
    data: { 'mutation-start': 'yes' },
  });
  expect(created.data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
});

story('what a webhook adds to a pod gets its defaults', async (told) => {
  const initContainer = { name: 'webhook-added-init-container', image: 'webhook-added-image', resources: {} };
  const client = server.serve('/init', () => ({
    allowed: true,
    patch: [{ op: 'add', path: '/spec/initContainers', value: [initContainer] }],
  }));
  await register(told, 'mutating', [{ clientConfig: client, rules: [PODS] }]);
  const created = await told.api.create(`${told.in()}/pods`, pod('webhook-to-be-mutated', 'true'));
  expect(created.spec.initContainers).toHaveLength(1);
  expect(created.spec.initContainers[0]).toMatchObject({ name: initContainer.name, terminationMessagePolicy: 'File' });
});

story('webhooks neither mutate webhook configurations nor keep them from being deleted', async (told) => {
  const rules = [
    { apiGroups: ['admissionregistration.k8s.io'], apiVersions: ['*'], resources: ['*'], operations: ['*'] },
  ];
  const everywhere = { namespaceSelector: {}, failurePolicy: 'Fail' };
  const label = { op: 'add', path: '/metadata/labels', value: { mutated: 'true' } };
  await register(told, 'validating', [
    { ...everywhere, clientConfig: server.serve('/always-deny', () => ({ allowed: false })), rules },
  ]);
  await register(told, 'mutating', [
    { ...everywhere, clientConfig: server.serve('/add-label', () => ({ allowed: true, patch: [label] })), rules },
  ]);
  for (const kind of ['validating', 'mutating'] as const) {
    const path = await register(told, kind, [
      {
        clientConfig: server.serve('/unused', () => ({ allowed: true })),
        rules: [{ ...CONFIG_MAPS, apiVersions: ['invalid'] }],
      },
    ]);
    expect((await told.api.get(path)).metadata.labels).toBeUndefined();
    await told.api.delete(path);
  }
});

story('a webhook denies the creation, change and deletion of custom resources', async (told) => {
  const crd = customResourceDefinition(told);
  await established(told, crd);
  const rule = {
    apiGroups: [crd.spec.group],
    apiVersions: ['v1'],
    resources: [crd.spec.names.plural],
    operations: ['CREATE', 'UPDATE', 'DELETE'],
  };
  const client = server.serve('/custom', ({ object, oldObject, operation }) => {
    const bad = (operation === 'DELETE' ? oldObject : object).data?.['webhook-e2e-test'] === 'webhook-disallow';
    return bad
      ? { allowed: false, status: { message: 'the custom resource contains unwanted data' } }
      : { allowed: true };
  });
  const registered = await register(told, 'validating', [{ clientConfig: client, rules: [rule] }]);
  const path = `${told.in(`${crd.spec.group}/v1`)}/${crd.spec.names.plural}`;
  const object = (name: string, data: Json): Json => ({
    apiVersion: `${crd.spec.group}/v1`,
    kind: crd.spec.names.kind,
    metadata: { name },
    data,
  });
  const bad = { 'webhook-e2e-test': 'webhook-disallow' };
  expect((await refusal(told.api.create(path, object('cr', bad)))).body.message).toContain(
    'the custom resource contains unwanted data',
  );
  await told.api.create(path, object('cr', { 'webhook-e2e-test': 'webhook-allow' }));
  expect((await refusal(told.api.patch(`${path}/cr`, 'merge', { data: bad }))).body.message).toContain('unwanted data');
  await told.api.delete(registered);
  await told.api.patch(`${path}/cr`, 'merge', { data: bad });
  await register(told, 'validating', [{ clientConfig: client, rules: [rule] }]);
  expect((await refusal(told.api.delete(`${path}/cr`))).body.message).toContain('unwanted data');
  await told.api.patch(`${path}/cr`, 'merge', { data: { 'webhook-e2e-test': 'webhook-allow' } });
  await told.api.delete(`${path}/cr`);
});

for (const prunes of [false, true]) {
  story(
    `webhooks mutate a custom resource${prunes ? ', and what its schema does not know is pruned' : ''}`,
    async (told) => {
      const data = prunes
        ? {
            type: 'object',
            properties: { 'mutation-start': { type: 'string' }, 'mutation-stage-1': { type: 'string' } },
          }
        : { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
      const crd = customResourceDefinition(told, { schema: { type: 'object', properties: { data } } });
      await established(told, crd);
      const rules = [
        {
          apiGroups: [crd.spec.group],
          apiVersions: ['v1'],
          resources: [crd.spec.names.plural],
          operations: ['CREATE', 'UPDATE'],
        },
      ];
      await register(told, 'mutating', [
        { clientConfig: server.serve('/cr-1', addData('mutation-stage-1', 'mutation-start')), rules },
        { clientConfig: server.serve('/cr-2', addData('mutation-stage-2', 'mutation-stage-1')), rules },
      ]);
      const created = await told.api.create(`${told.in(`${crd.spec.group}/v1`)}/${crd.spec.names.plural}`, {
        apiVersion: `${crd.spec.group}/v1`,
        kind: crd.spec.names.kind,
        metadata: { name: 'cr' },
        data: { 'mutation-start': 'yes' },
      });
      expect(created.data).toEqual({
        'mutation-start': 'yes',
        'mutation-stage-1': 'yes',
        ...(prunes ? {} : { 'mutation-stage-2': 'yes' }),
      });
    },
  );
}

story('a webhook mutates a custom resource whose stored version changes', async (told) => {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const crd = customResourceDefinition(told, {
    versions: [
      { name: 'v1', schema },
      { name: 'v2', schema },
    ],
  });
  await established(told, crd);
  const rules = [
    {
      apiGroups: [crd.spec.group],
      apiVersions: ['*'],
      resources: [crd.spec.names.plural],
      operations: ['CREATE', 'UPDATE'],
    },
  ];
  const client = server.serve('/stored', ({ object }) =>
    object.data['mutation-start']
      ? { allowed: true, patch: [{ op: 'add', path: '/data/mutation-stage-1', value: 'yes' }] }
      : { allowed: true },
  );
  await register(told, 'mutating', [{ clientConfig: client, rules }]);
  const path = (version: string): string => `${told.in(`${crd.spec.group}/${version}`)}/${crd.spec.names.plural}`;
  await told.api.create(path('v1'), {
    apiVersion: `${crd.spec.group}/v1`,
    kind: crd.spec.names.kind,
    metadata: { name: 'cr' },
    data: { 'mutation-start': 'yes' },
  });
  await told.api.patch(`${DEFINITIONS}/${crd.metadata.name}`, 'json', [
    { op: 'replace', path: '/spec/versions/0/storage', value: false },
    { op: 'replace', path: '/spec/versions/1/storage', value: true },
  ]);
  await told.api.patch(`${path('v1')}/cr`, 'merge', { dummy: 'test' });
  expect(await told.api.get(`${path('v2')}/cr`)).toMatchObject({ dummy: 'test', data: { 'mutation-stage-1': 'yes' } });
});

story('a webhook denies the creation of a definition', async (told) => {
  const label = told.unique('deny');
  const client = server.serve('/crd', () => ({
    allowed: false,
    status: { message: 'the crd contains unwanted label' },
  }));
  await register(told, 'validating', [
    {
      clientConfig: client,
      rules: [
        {
          apiGroups: ['apiextensions.k8s.io'],
          apiVersions: ['*'],
          resources: ['customresourcedefinitions'],
          operations: ['CREATE'],
        },
      ],
      namespaceSelector: {},
      objectSelector: { matchLabels: { told: label } },
    },
  ]);
  const crd = customResourceDefinition(told);
  const { body } = await refusal(
    told.api.create(DEFINITIONS, { ...crd, metadata: { ...crd.metadata, labels: { told: label } } }),
  );
  expect(body.message).toContain('denied the request: the crd contains unwanted label');
});

story('the timeout of a webhook and its failure policy are honoured', async (told) => {
  const slow = server.serve('/slow', () => ({ allowed: true, delayMs: 2_500 }));
  const attempt = async (timeoutSeconds: number | undefined, failurePolicy: string): Promise<number> => {
    const path = await register(told, 'validating', [
      { clientConfig: slow, rules: [CONFIG_MAPS], timeoutSeconds, failurePolicy },
    ]);
    const { code } = await told.api.send('POST', `${told.in()}/configmaps?dryRun=All`, {
      metadata: { generateName: 'e2e-' },
    });
    await told.api.delete(path);
    return code;
  };
  expect(await attempt(1, 'Fail')).toBe(500);
  expect(await attempt(1, 'Ignore')).toBe(201);
  expect(await attempt(10, 'Fail')).toBe(201);
  expect(await attempt(undefined, 'Fail')).toBe(201);
});

for (const kind of ['validating', 'mutating'] as const) {
  const client = () =>
    kind === 'validating' ? server.serve('/deny', denies) : server.serve('/add', addData('mutation-stage-1'));
  const acts = async (told: Story, name: string): Promise<boolean> => {
    const { code, body } = await told.api.send('POST', `${told.in()}/configmaps?dryRun=All`, unwanted(name));
    return kind === 'validating' ? code !== 201 : body.data['mutation-stage-1'] === 'yes';
  };

  story(`a ${kind} webhook is updated and patched`, async (told) => {
    const path = await register(told, kind, [{ clientConfig: client(), rules: [CONFIG_MAPS] }]);
    await eventually(async () => expect(await acts(told, 'a')).toBe(true));
    await told.api.update(path, (object) => (object.webhooks[0].rules[0].operations = ['UPDATE']));
    await eventually(async () => expect(await acts(told, 'b')).toBe(false));
    await told.api.patch(path, 'json', [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }]);
    await eventually(async () => expect(await acts(told, 'c')).toBe(true));
  });

  story(`${kind} webhooks are listed and deleted as a collection`, async (told) => {
    const label = told.unique('l');
    for (let i = 0; i < 10; i++)
      await register(told, kind, [{ clientConfig: client(), rules: [CONFIG_MAPS] }], { told: label });
    const selected = `${collection(kind)}?labelSelector=told%3D${label}`;
    expect((await told.api.get(selected)).items).toHaveLength(10);
    await eventually(async () => expect(await acts(told, 'a')).toBe(true));
    await told.api.delete(selected);
    await eventually(async () => expect(await acts(told, 'b')).toBe(false));
  });

  story(`a ${kind} webhook configuration keeps its match conditions`, async (told) => {
    const matchConditions = [{ name: 'expression-1', expression: "object.metadata.namespace == 'production'" }];
    const path = await register(told, kind, [{ clientConfig: client(), rules: [CONFIG_MAPS], matchConditions }]);
    expect((await told.api.get(path)).webhooks[0].matchConditions).toEqual(matchConditions);
    const updated = [
      ...matchConditions,
      { name: 'expression-2', expression: "object.metadata.namespace == 'staging'" },
    ];
    await told.api.update(path, (object) => (object.webhooks[0].matchConditions = updated));
    expect((await told.api.get(path)).webhooks[0].matchConditions).toEqual(updated);
  });

  story(`a ${kind} webhook configuration with an invalid match condition is refused`, async (told) => {
    const matchConditions = [{ name: 'invalid', expression: '... [] bad expression' }];
    const { body } = await refusal(
      register(told, kind, [{ clientConfig: client(), rules: [CONFIG_MAPS], matchConditions }]),
    );
    expect(body.message).toContain('compilation failed');
  });
}

story('a webhook mutates everything but what its match conditions leave out', async (told) => {
  await register(told, 'mutating', [
    {
      clientConfig: server.serve('/add', addData('mutation-stage-1')),
      rules: [CONFIG_MAPS],
      matchConditions: [{ name: 'skip-me', expression: "object.metadata.name != 'skip-me'" }],
    },
  ]);
  const path = `${told.in()}/configmaps`;
  expect((await told.api.create(path, { metadata: { name: 'skip-me' }, data: { a: 'b' } })).data).toEqual({ a: 'b' });
  expect((await told.api.create(path, { metadata: { name: 'other' }, data: { a: 'b' } })).data).toEqual({
    a: 'b',
    'mutation-stage-1': 'yes',
  });
});
