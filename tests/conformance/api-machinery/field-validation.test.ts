import { expect } from 'vitest';
import { refusal, story } from '../story.ts';
import { template } from '../apps/workloads.ts';
import { customResourceDefinition, established } from './custom-resources.ts';

const STRICT = 'fieldManager=field_validation_mgr&fieldValidation=Strict';

story('unknown and duplicate fields of a typed object are found', async ({ api, in: within }) => {
  const spec = JSON.stringify({
    selector: { matchLabels: { app: 'nginx' } },
    template: template('nginx', 'true'),
  }).slice(1);
  const body = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"my-dep"},"spec":{"unknownField":"foo","replicas":1,"replicas":2,${spec}}`;
  const answer = await api.send('POST', `${within('apps/v1')}/deployments?${STRICT}`, body);
  expect(answer.code).toBe(400);
  expect(answer.body.message).toContain(
    'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"',
  );
  const warned = await api.send('POST', `${within('apps/v1')}/deployments?fieldValidation=Warn`, body);
  expect(warned.code).toBe(201);
  expect(String(warned.headers['warning'])).toContain('299 - "unknown field \\"spec.unknownField\\""');
});

story('unknown metadata fields of a typed object are found', async ({ api, in: within }) => {
  const answer = await refusal(
    api.create(`${within('apps/v1')}/deployments?${STRICT}`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'my-dep', unknownMeta: 'foo' },
      spec: { selector: { matchLabels: { app: 'nginx' } }, template: template('nginx', 'true') },
    }),
  );
  expect(answer.body.message).toContain('strict decoding error: unknown field "metadata.unknownMeta"');
});

const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
        foo: { type: 'string' },
        ports: {
          type: 'array',
          'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
          'x-kubernetes-list-type': 'map',
          items: {
            type: 'object',
            required: ['containerPort', 'protocol'],
            properties: { containerPort: { type: 'integer', format: 'int32' }, protocol: { type: 'string' } },
          },
        },
      },
    },
  },
};
const EMBEDDED = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          properties: {
            metadata: { type: 'object' },
            spec: { type: 'object', properties: { foo: { type: 'string' } } },
          },
        },
      },
    },
  },
};

const cases = [
  {
    what: 'unknown fields pass where a custom resource has no schema',
    schema: OPEN,
    spec: 'unknown: uk1\nspec:\n  foo: foo1\n',
    fails: undefined,
  },
  {
    what: 'a valid custom resource passes',
    schema: SCHEMA,
    spec: 'spec:\n  foo: foo1\n  cronSpec: "* * * * */5"\n  ports:\n  - {name: x, containerPort: 80, protocol: TCP}\n'.replace(
      'name: x, ',
      '',
    ),
    fails: undefined,
  },
  {
    what: 'an extra property of a custom resource is found',
    schema: SCHEMA,
    spec: 'spec:\n  unknownField: unknown\n  cronSpec: "* * * * */5"\n',
    fails: '.spec.unknownField: field not declared in schema',
  },
  {
    what: 'an unknown metadata field is found at the root of a custom resource',
    schema: EMBEDDED,
    meta: '  unknownMeta: unknown\n',
    spec: 'spec: {}\n',
    fails: '.metadata.unknownMeta: field not declared in schema',
  },
  {
    what: 'an unknown metadata field is found in what a custom resource embeds',
    schema: EMBEDDED,
    spec: 'spec:\n  template:\n    apiVersion: foo/v1\n    kind: Sub\n    metadata:\n      unknownSubMeta: unknown\n      name: subobject\n      namespace: my-ns\n',
    fails: '.spec.template.metadata.unknownSubMeta: field not declared in schema',
  },
  {
    what: 'a duplicate key is found even where unknown fields are preserved',
    schema: OPEN,
    spec: 'spec:\n  unknown: uk1\n  foo: foo1\n  foo: foo2\n',
    fails: 'line 9: key \\"foo\\" already set in map',
  },
];

for (const { what, schema, spec, fails, meta = '' } of cases) {
  story(what, async (told) => {
    const crd = customResourceDefinition(told, { schema });
    await established(told, crd);
    const { group, kind } = { group: crd.spec.group, kind: crd.spec.names.kind };
    const name = told.unique('mytest');
    const body = `\napiVersion: ${group}/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${meta}${spec}`;
    const answer = await told.api.send(
      'PATCH',
      `${told.in(`${group}/v1`)}/${crd.spec.names.plural}/${name}?${STRICT}`,
      body,
      {
        'content-type': 'application/apply-patch+yaml',
      },
    );
    if (fails === undefined) expect(answer.text, answer.text).toContain(name);
    if (fails === undefined) expect(answer.code).toBe(201);
    else expect(answer.text).toContain(fails);
  });
}
