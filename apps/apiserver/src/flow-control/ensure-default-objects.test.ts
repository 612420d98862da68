import type { FlowSchema, PriorityLevelConfiguration } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { planMaintenance } from './ensure-default-objects.ts';

const AUTO_UPDATE = 'apf.kubernetes.io/autoupdate-spec';
const schema = (precedence: number, annotation?: string, generation = 2) =>
  ({
    metadata: {
      name: 's',
      generation,
      ...(annotation === undefined ? {} : { annotations: { [AUTO_UPDATE]: annotation } }),
    },
    spec: { matchingPrecedence: precedence },
  }) as unknown as FlowSchema;

describe('maintenance of default objects', () => {
  it.each<[string, FlowSchema, boolean, number, string]>([
    ['undoes changes of a mandatory object', schema(7, 'false'), true, 500, 'true'],
    ['follows the release while the annotation says so', schema(7, 'true'), false, 500, 'true'],
    ['leaves alone what it says to', schema(7, 'false'), false, 7, 'false'],
    ['takes an object that was never changed for its own', schema(7, undefined, 1), false, 500, 'true'],
    ['takes a changed one for the administrator’s', schema(7), false, 7, 'false'],
    ['reads nonsense as nothing', schema(7, 'perhaps'), false, 7, 'false'],
  ])('%s', (_what, current, mandatory, precedence, annotation) => {
    const planned = planMaintenance(current, schema(500), mandatory) as FlowSchema;
    expect(planned.spec.matchingPrecedence).toBe(precedence);
    expect(planned.metadata.annotations?.[AUTO_UPDATE]).toBe(annotation);
    expect(planMaintenance(planned, schema(500), mandatory)).toBe(planned);
  });

  it('keeps the shares that were chosen for exempt traffic', () => {
    const exempt = (shares: number) =>
      ({
        metadata: { name: 'exempt', annotations: { [AUTO_UPDATE]: 'true' } },
        spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: shares } },
      }) as unknown as PriorityLevelConfiguration;
    const current = exempt(10);
    expect(planMaintenance(current, exempt(0), true)).toBe(current);
  });
});
