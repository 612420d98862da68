import { deepClone, type ObjectSchema, type Property, type Schema } from '@pilothouse/apimachinery';

/**
 * Fills the defaults that the schema itself declares, in place. Most of a schema declares none, so what must be
 * visited is worked out once per message.
 */
export function applyDeclaredDefaults(schema: ObjectSchema, object: object): void {
  const plan = planOf(schema);
  for (const { property, reachesDefaults } of plan) {
    const fields = object as Record<string, unknown>;
    const value = fields[property.name];
    if (property.default !== undefined && (value === undefined || (value === null && !property.schema.nullable))) {
      fields[property.name] = deepClone(property.default);
    }
    // Also within a default: `spec: {}` asks for the defaults of spec's fields.
    if (reachesDefaults) visit(property.schema, fields[property.name]);
  }
}

function visit(schema: Schema, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  // A custom resource may hold anything anywhere until it is validated.
  if (Array.isArray(value) !== (schema.type === 'list')) return;
  if (schema.type === 'object') applyDeclaredDefaults(schema, value);
  else if (schema.type === 'list') for (const item of value as unknown[]) visit(schema.items, item);
  else if (schema.type === 'map') for (const item of Object.values(value)) visit(schema.values, item);
}

interface Stop {
  readonly property: Property;
  readonly reachesDefaults: boolean;
}

const plans = new WeakMap<ObjectSchema, readonly Stop[]>();

function planOf(schema: ObjectSchema): readonly Stop[] {
  let plan = plans.get(schema);
  if (plan === undefined) {
    plan = [...schema.properties.values()]
      .map((property) => ({ property, reachesDefaults: declaresDefaults(property.schema, new Set()) }))
      .filter(({ property, reachesDefaults }) => property.default !== undefined || reachesDefaults);
    plans.set(schema, plan);
  }
  return plan;
}

function declaresDefaults(schema: Schema, seen: Set<Schema>): boolean {
  if (schema.type === 'list') return declaresDefaults(schema.items, seen);
  if (schema.type === 'map') return declaresDefaults(schema.values, seen);
  if (schema.type !== 'object' || seen.has(schema)) return false;
  seen.add(schema);
  return [...schema.properties.values()].some(
    (property) => property.default !== undefined || declaresDefaults(property.schema, seen),
  );
}
