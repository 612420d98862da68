import { Environment } from '../environment.ts';
import { BOOL, mapOf, opaque, STRING, type Type } from '../types/type.ts';

/** Attributes and capacities of a device, together. */
const MAX_ENTRIES = 32;
const MAX_VALUE = 64;
const MAX_DRIVER_NAME = 63;
const MAX_IDENTIFIER = 32;

const sized = (type: Type, maxSize: number): Type => ({ ...type, maxSize }) as Type;
const NAME = sized(STRING, MAX_DRIVER_NAME);
const byDomain = (value: Type): Type =>
  mapOf(NAME, mapOf(sized(STRING, MAX_IDENTIFIER), value, MAX_ENTRIES), MAX_ENTRIES);

const DEVICE: Type = {
  kind: 'object',
  name: 'kubernetes.DRADevice',
  fields: new Map([
    ['driver', { type: NAME, jsonName: 'driver' }],
    ['attributes', { type: byDomain({ kind: 'dyn', maxSize: MAX_VALUE }), jsonName: 'attributes' }],
    ['capacity', { type: byDomain(opaque('kubernetes.Quantity')), jsonName: 'capacity' }],
    ['allowMultipleAllocations', { type: BOOL, jsonName: 'allowMultipleAllocations' }],
  ]),
};

/**
 * What expressions that select devices may speak of. The sizes are those that validation allows: they say what an
 * expression can cost. https://kubernetes.io/docs/reference/using-api/cel/#resource-constraints
 */
export const deviceEnvironment = new Environment({ device: DEVICE });
