import type { RuntimeClass } from '@pilothouse/api';
import { expect, it } from 'vitest';
import { created, CONTEXT, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { runtimeClass as kind } from './runtime-class.ts';

const example = (change: Partial<RuntimeClass> = {}): RuntimeClass => ({
  metadata: { name: 'a' },
  handler: 'runsc',
  ...change,
});
const toleration = { key: 'a', operator: 'Exists' };

it.each<[Partial<RuntimeClass>, string[]]>([
  [{}, []],
  [
    { overhead: { podFixed: { cpu: '-1' } } },
    ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  [
    { scheduling: { tolerations: [toleration, toleration] } },
    ['scheduling.tolerations[1]: Duplicate value: {"key":"a","operator":"Exists"}'],
  ],
])('%j', (change, problems) => {
  expect(problemsOnCreate(kind, example(change))).toEqual(problems);
});

it('has a handler that is a name, and stays', () => {
  expect(problemsOnCreate(kind, example({ handler: 'A' }))).toHaveLength(1);
  expect(problemsOnUpdate(kind, example(), (each) => (each.handler = 'kata'))).toEqual([
    'handler: Invalid value: "kata": field is immutable',
  ]);
});

it('counts overhead in thousandths', () => {
  expect(created(kind, example({ overhead: { podFixed: { cpu: '100u' } } })).overhead).toEqual({
    podFixed: { cpu: '1m' },
  });
});

it('warns of labels that are out of use', () => {
  const each = example({ scheduling: { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } });
  expect(kind.strategy!.warnings!(each, undefined, CONTEXT)).toEqual([
    'scheduling.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
});
