import { expect } from 'vitest';
import { refusal, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { customResourceDefinition, DEFINITIONS, established } from './custom-resources.ts';

const INTEGER = { type: 'integer' };

/** A schema whose `spec` is this, judged by these rules. */
const ruled = (rules: readonly Json[], properties: Json): Json => ({
  type: 'object',
  properties: { spec: { type: 'object', 'x-kubernetes-validations': rules, properties } },
});

/** Custom resources of this schema: where they are, and how to make one. */
async function ruledResources(told: Story, schema: Json): Promise<{ path: string; resource: (spec: Json) => Json }> {
  const crd = customResourceDefinition(told, { schema });
  await established(told, crd);
  const { group, names } = crd.spec;
  return {
    path: `${told.in(`${group}/v1`)}/${names.plural}`,
    resource: (spec) => ({ apiVersion: `${group}/v1`, kind: names.kind, metadata: { name: 'cr' }, spec }),
  };
}

story('a custom resource must satisfy its rules to be created', async (told) => {
  const schema = ruled([{ rule: 'self.x + self.y > 0', message: 'too small' }], { x: INTEGER, y: INTEGER });
  const { path, resource } = await ruledResources(told, schema);
  const refused = await refusal(told.api.create(path, resource({ x: -1, y: 0 })));
  expect(refused.code).toBe(422);
  expect(refused.body.message).toContain('too small');
  expect((await told.api.create(path, resource({ x: 1, y: 0 }))).spec).toEqual({ x: 1, y: 0 });
});

story('a transition rule judges updates only', async (told) => {
  const { path, resource } = await ruledResources(told, ruled([{ rule: 'self.x >= oldSelf.x' }], { x: INTEGER }));
  await told.api.create(path, resource({ x: 1 }));
  const refused = await refusal(told.api.patch(`${path}/cr`, 'merge', { spec: { x: 0 } }));
  expect(refused.body.message).toContain('failed rule: self.x >= oldSelf.x');
  expect((await told.api.patch(`${path}/cr`, 'merge', { spec: { x: 2 } })).spec.x).toBe(2);
});

const strings = (depth: number): Json =>
  depth === 0 ? { type: 'string' } : { type: 'array', items: strings(depth - 1) };

for (const [what, schema, message] of [
  ['names a property that its schema has not', ruled([{ rule: 'self.absent > 0' }], { x: INTEGER }), 'undefined field'],
  ['is no expression', ruled([{ rule: 'self = 42' }], { x: INTEGER }), 'Syntax error'],
  [
    'could cost more than is allowed',
    ruled([], {
      x: { ...strings(2), 'x-kubernetes-validations': [{ rule: 'self.all(s, s.all(t, t.matches("a+")))' }] },
    }),
    'exceeds budget by factor of',
  ],
] as const) {
  story(`a definition with a rule that ${what} is refused`, async (told) => {
    const refused = await refusal(told.api.create(DEFINITIONS, customResourceDefinition(told, { schema })));
    expect(refused.code).toBe(422);
    expect(refused.body.message).toContain(message);
  });
}

story('a custom resource whose rule costs too much for it is refused', async (told) => {
  // Bounded tightly enough for the definition, and still too much for a list as long as it may be.
  const many = 'self.all(a, self.all(b, self.all(c, a + b + c >= 0)))';
  const list = { type: 'array', maxItems: 90, items: INTEGER };
  const schema = ruled([], {
    x: { ...list, 'x-kubernetes-validations': [{ rule: many }] },
  });
  const { path, resource } = await ruledResources(told, schema);
  const refused = await refusal(told.api.create(path, resource({ x: Array.from({ length: 90 }, (_, i) => i) })));
  expect(refused.code).toBe(422);
  expect(refused.body.message).toContain('call cost exceeds limit');
  expect((await told.api.create(path, resource({ x: [1, 2, 3] }))).spec.x).toEqual([1, 2, 3]);
});
