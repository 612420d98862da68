import type { FlowSchema, PriorityLevelConfiguration } from '@pilothouse/api';
import { expect, it } from 'vitest';
import { planConfiguration } from './plan-configuration.ts';

const schema = (name: string, matchingPrecedence: number, level: string) =>
  ({ metadata: { name }, spec: { matchingPrecedence, priorityLevelConfiguration: { name: level } } }) as FlowSchema;
const level = (name: string) => ({ metadata: { name }, spec: { type: 'Limited' } }) as PriorityLevelConfiguration;

it('is the mandatory configuration when nothing is stored', () => {
  const { levels, schemas } = planConfiguration([], []);
  expect(levels.map(({ metadata }) => metadata.name)).toEqual(['exempt', 'catch-all']);
  expect(schemas.map(({ metadata }) => metadata.name)).toEqual(['exempt', 'catch-all']);
});

it('asks schemas by precedence, then by name, and leaves out those whose level is missing', () => {
  const stored = [schema('b', 500, 'l'), schema('a', 500, 'l'), schema('first', 2, 'l'), schema('lost', 3, 'gone')];
  const { schemas } = planConfiguration([level('l')], stored);
  expect(schemas.map(({ metadata }) => metadata.name)).toEqual(['exempt', 'first', 'a', 'b', 'catch-all']);
});
