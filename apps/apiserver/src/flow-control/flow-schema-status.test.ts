import { expect, it } from 'vitest';
import type { FlowSchema } from '@pilothouse/api';
import { planStatus } from './flow-schema-status.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const schema = { metadata: { name: 's' }, spec: { priorityLevelConfiguration: { name: 'level' } } } as FlowSchema;

it('says whether the priority level exists, once', () => {
  const found = planStatus(schema, () => true, NOW);
  expect(found.status?.conditions).toMatchObject([{ type: 'Dangling', status: 'False', reason: 'Found' }]);
  expect(planStatus(found, () => true, new Date())).toBe(found);
  const lost = planStatus(found, () => false, NOW);
  expect(lost.status?.conditions).toMatchObject([{ type: 'Dangling', status: 'True', reason: 'NotFound' }]);
  expect(schema.status).toBeUndefined();
});
