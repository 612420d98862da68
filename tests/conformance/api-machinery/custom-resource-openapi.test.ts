import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { customResourceDefinition, DEFINITIONS, established } from './custom-resources.ts';

const SCHEMA = {
  description: 'Foo CRD for Testing',
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      description: 'Specification of Foo',
      properties: {
        bars: {
          description: 'List of Bars and their specs.',
          type: 'array',
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { description: 'Name of Bar.', type: 'string' },
              age: { description: 'Age of Bar.', type: 'string' },
              feeling: { type: 'string', enum: ['Great', 'Down'] },
              bazs: { description: 'List of Bazs.', items: { type: 'string' }, type: 'array' },
            },
          },
        },
      },
    },
  },
};

const definitionName = (crd: Json, version: string): string =>
  `${[...crd.spec.group.split('.').toReversed(), version, crd.spec.names.kind].join('.')}`;

async function published({ api }: Story, crd: Json, version: string): Promise<Json> {
  return eventually(async () => {
    const { definitions } = await api.get('/openapi/v2');
    expect(Object.keys(definitions)).toContain(definitionName(crd, version));
    return definitions[definitionName(crd, version)];
  });
}

const manifest = (crd: Json, version: string, name: string, rest: Json = {}): string =>
  JSON.stringify({
    apiVersion: `${crd.spec.group}/${version}`,
    kind: crd.spec.names.kind,
    metadata: { name },
    ...rest,
  });

story('a schema is published, checked by kubectl and explained', async (told) => {
  const crd = customResourceDefinition(told, { schema: SCHEMA });
  await established(told, crd);
  const definition = await published(told, crd, 'v1');
  expect(definition.description).toBe('Foo CRD for Testing');
  expect(definition['x-kubernetes-group-version-kind']).toEqual([
    { group: crd.spec.group, kind: crd.spec.names.kind, version: 'v1' },
  ]);
  await told.kubectl(
    'create -f -',
    manifest(crd, 'v1', 'ok', { spec: { bars: [{ name: 'test-bar', feeling: 'Great' }] } }),
  );
  await told.kubectl('apply -f -', manifest(crd, 'v1', 'ok', { spec: { bars: [{ name: 'test-bar', age: '10' }] } }));
  await expect(
    told.kubectl('create -f -', manifest(crd, 'v1', 'x', { spec: { bars: [{ age: '10' }] } })),
  ).rejects.toThrow('Required value');
  await expect(told.kubectl('create -f -', manifest(crd, 'v1', 'x', { spec: { foo: true } }))).rejects.toThrow(
    'unknown field "spec.foo"',
  );
  await expect(
    told.kubectl(
      'create -f -',
      manifest(crd, 'v1', 'x', { spec: { bars: [{ name: 'n', feeling: 'NonExistentValue' }] } }),
    ),
  ).rejects.toThrow('Unsupported value: "NonExistentValue"');
  expect(await told.kubectl(`explain ${crd.spec.names.plural}`)).toMatch(/DESCRIPTION:.*Foo CRD for Testing/s);
  expect(await told.kubectl(`explain ${crd.spec.names.plural}.metadata`)).toMatch(/GROUP:|DESCRIPTION:/);
  expect(await told.kubectl(`explain ${crd.spec.names.plural}.spec.bars`)).toMatch(/List of Bars and their specs\./);
  expect(await told.kubectl(`explain ${crd.spec.names.plural}.spec.bars --recursive`)).toMatch(/bazs/);
  await expect(told.kubectl(`explain ${crd.spec.names.plural}.spec.bars2`)).rejects.toThrow();
  await told.kubectl(`delete ${crd.spec.names.plural} ok`);
});

for (const [what, schema] of [
  ['without a schema', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }],
  [
    'that preserves unknown fields in an embedded object',
    { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
  ],
] as const) {
  story(`a definition ${what} takes any property`, async (told) => {
    const crd = customResourceDefinition(told, { schema });
    await established(told, crd);
    await published(told, crd, 'v1');
    await told.kubectl('create -f -', manifest(crd, 'v1', 'test', { spec: { a: { b: [1] } } }));
    await told.kubectl('apply -f -', manifest(crd, 'v1', 'test', { spec: { a: { b: [2] } } }));
    expect(await told.kubectl(`explain ${crd.spec.names.plural}`)).toContain(crd.spec.names.kind);
    await told.kubectl(`delete ${crd.spec.names.plural} test`);
  });
}

story('schemas of several groups, versions and kinds are published side by side', async (told) => {
  const group = `${told.unique('g').replaceAll('-', '')}.example.com`;
  const versions = ['v1', 'v2'].map((name) => ({ name, schema: { openAPIV3Schema: SCHEMA } }));
  const several = [
    customResourceDefinition(told, { schema: SCHEMA }),
    customResourceDefinition(told, { schema: SCHEMA, group }),
    customResourceDefinition(told, { schema: SCHEMA, group }),
    customResourceDefinition(told, { versions, group }),
  ];
  for (const crd of several) await established(told, crd);
  for (const crd of several) for (const { name } of crd.spec.versions) await published(told, crd, name);
});

story('a renamed version replaces the old one in what is published', async (told) => {
  const schema = { openAPIV3Schema: SCHEMA };
  const crd = customResourceDefinition(told, {
    versions: [
      { name: 'v2', schema },
      { name: 'v3', schema },
    ],
  });
  await established(told, crd);
  const before = await published(told, crd, 'v3');
  await told.api.patch(`${DEFINITIONS}/${crd.metadata.name}`, 'json', [
    { op: 'test', path: '/spec/versions/1/name', value: 'v3' },
    { op: 'replace', path: '/spec/versions/1/name', value: 'v4' },
  ]);
  const after = await published(told, crd, 'v4');
  expect(after.properties.spec).toEqual(before.properties.spec);
  await eventually(async () =>
    expect(Object.keys((await told.api.get('/openapi/v2')).definitions)).not.toContain(definitionName(crd, 'v3')),
  );
  await published(told, crd, 'v2');
});

story('a version that is no longer served is no longer published', async (told) => {
  const schema = { openAPIV3Schema: SCHEMA };
  const crd = customResourceDefinition(told, {
    versions: [
      { name: 'v5', schema },
      { name: 'v6alpha1', schema },
    ],
  });
  await established(told, crd);
  await published(told, crd, 'v6alpha1');
  const kept = await published(told, crd, 'v5');
  await told.api.patch(`${DEFINITIONS}/${crd.metadata.name}`, 'json', [
    { op: 'replace', path: '/spec/versions/1/served', value: false },
  ]);
  await eventually(async () =>
    expect(Object.keys((await told.api.get('/openapi/v2')).definitions)).not.toContain(definitionName(crd, 'v6alpha1')),
  );
  expect(await published(told, crd, 'v5')).toEqual(kept);
});
