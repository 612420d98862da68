import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import { template } from '../apps/workloads.ts';
import type { Json } from '../api.ts';
import { customResourceDefinition, established } from './custom-resources.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

const deployment = (name: string, replicas: number): Json => ({
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, 'sleep 1000') },
});

/** A policy on deployments, bound to the story's namespace, in force. */
async function bind(told: Story, kind: 'validating' | 'mutating', spec: Json, binding: Json = {}): Promise<string> {
  const name = told.unique('policy');
  const policies = `${ADMISSION}/${kind}admissionpolicies`;
  const bindings = `${ADMISSION}/${kind}admissionpolicybindings`;
  told.after(() => told.api.send('DELETE', `${policies}/${name}`));
  told.after(() => told.api.send('DELETE', `${bindings}/${name}`));
  const rule = {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: ['deployments'],
  };
  await told.api.create(policies, {
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [rule] }, ...spec },
  });
  await told.api.create(bindings, {
    metadata: { name },
    spec: {
      policyName: name,
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': told.ns } } },
      ...binding,
    },
  });
  return name;
}

const SCALED = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { replicas: { type: 'integer' } } } },
};

const ruleFor = ({ spec }: Json): Json => ({
  apiGroups: [spec.group],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: [spec.names.plural],
});

const tryCreate = (told: Story, object: Json) =>
  told.api.send('POST', `${told.in('apps/v1')}/deployments?dryRun=All`, object);

story('a validating policy judges deployments', async (told) => {
  const name = await bind(
    told,
    'validating',
    {
      validations: [
        {
          expression: 'object.spec.replicas > 1',
          messageExpression: "'wants more than 1, has ' + string(object.spec.replicas)",
        },
        {
          expression: 'namespaceObject.metadata.name == request.namespace',
          message: 'Internal error! Other namespace should not be allowed.',
        },
      ],
    },
    { validationActions: ['Deny'] },
  );
  await eventually(async () => expect((await tryCreate(told, deployment('one', 1))).code).toBe(422));
  const { body } = await tryCreate(told, deployment('one', 1));
  expect(body.message).toContain(
    `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: wants more than 1, has 1`,
  );
  expect((await tryCreate(told, deployment('two', 2))).code).toBe(201);
});

story('a validating policy refers to its variables', async (told) => {
  await bind(
    told,
    'validating',
    {
      variables: [
        { name: 'replicas', expression: 'object.spec.replicas' },
        { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' },
      ],
      validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }],
    },
    { validationActions: ['Deny'] },
  );
  await eventually(async () => expect((await tryCreate(told, deployment('one', 1))).code).toBe(422));
  expect((await tryCreate(told, deployment('even', 2))).body.message).toContain(
    'failed expression: variables.oddReplicas',
  );
  expect((await tryCreate(told, deployment('odd', 3))).code).toBe(201);
});

story('a validating policy is type checked', async (told) => {
  const name = await bind(
    told,
    'validating',
    { validations: [{ expression: 'object.spec.replicas > "1"' }] },
    { validationActions: ['Deny'] },
  );
  await eventually(async () => {
    const { status } = await told.api.get(`${ADMISSION}/validatingadmissionpolicies/${name}`);
    expect(status.observedGeneration).toBe(1);
    expect(status.typeChecking.expressionWarnings[0].fieldRef).toBe('spec.validations[0].expression');
    expect(status.typeChecking.expressionWarnings[0].warning).toContain('found no matching overload');
  });
});

story('a validating policy on a custom resource is type checked by its schema', async (told) => {
  const crd = customResourceDefinition(told, { schema: SCALED });
  await established(told, crd);
  const name = await bind(
    told,
    'validating',
    {
      matchConstraints: { resourceRules: [ruleFor(crd)] },
      validations: [{ expression: 'object.spec.replicas > 1' }, { expression: "object.spec.replicas > '1'" }],
    },
    { validationActions: ['Deny'] },
  );
  await eventually(async () => {
    const { status } = await told.api.get(`${ADMISSION}/validatingadmissionpolicies/${name}`);
    const warnings = status.typeChecking.expressionWarnings;
    expect(warnings.map(({ fieldRef }: Json) => fieldRef)).toEqual(['spec.validations[1].expression']);
    expect(warnings[0].warning).toContain('found no matching overload');
  });
});

story('a mutating policy changes custom resources', async (told) => {
  const crd = customResourceDefinition(told, { schema: SCALED });
  await established(told, crd);
  const { group, names } = crd.spec;
  await bind(told, 'mutating', {
    matchConstraints: { resourceRules: [ruleFor(crd)] },
    reinvocationPolicy: 'Never',
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: object.spec.replicas + 1}}' },
      },
    ],
  });
  const object = { apiVersion: `${group}/v1`, kind: names.kind, metadata: { name: 'cr' }, spec: { replicas: 1 } };
  await eventually(async () => {
    const path = `${told.in(`${group}/v1`)}/${names.plural}?dryRun=All`;
    expect((await told.api.create(path, object)).spec.replicas).toBe(2);
  });
});

const MUTATIONS = {
  'by an apply configuration': {
    patchType: 'ApplyConfiguration',
    applyConfiguration: {
      expression: 'Object{metadata: Object.metadata{annotations: {"my-foo": "my-foo-annotation"}}}',
    },
  },
  'by a JSON patch': {
    patchType: 'JSONPatch',
    jsonPatch: {
      expression: '[JSONPatch{op: "add", path: "/metadata/annotations", value: {"my-foo": "my-foo-annotation"}}]',
    },
  },
};

for (const [how, mutation] of Object.entries(MUTATIONS)) {
  story(`a mutating policy changes deployments ${how}`, async (told) => {
    await bind(told, 'mutating', { reinvocationPolicy: 'Never', mutations: [mutation] });
    await eventually(async () => {
      const { body } = await tryCreate(told, deployment('one', 1));
      expect(body.metadata?.annotations, JSON.stringify(body)).toMatchObject({ 'my-foo': 'my-foo-annotation' });
    });
  });
}
