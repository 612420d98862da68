import type { ListSchema, MapSchema, ObjectSchema, Property, Schema } from '../schema/schema.ts';
import { scalarCodecOf, type ScalarCodec } from './scalar-codecs.ts';
import { unionCodecOf } from './json-schema-unions.ts';

/** How the values of one property, list item or map value are coded. */
export type ValuePlan =
  | { readonly kind: 'scalar'; readonly codec: ScalarCodec }
  | { readonly kind: 'message'; readonly schema: ObjectSchema; readonly plan: () => MessagePlan }
  | { readonly kind: 'list'; readonly schema: ListSchema; readonly item: ValuePlan }
  | { readonly kind: 'map'; readonly schema: MapSchema; readonly value: ValuePlan };

export interface PropertyPlan {
  readonly property: Property;
  readonly name: string;
  /** Where the value stands while the message is being decoded; also its place in printed order. */
  readonly slot: number;
  readonly value: ValuePlan;
  /** Printed as this when absent; undefined: not printed. Messages are made anew, see `emptyMessage`. */
  readonly absent: unknown;
  /** Absent, but a Go struct: printed as an empty message of this plan. */
  readonly emptyMessage: (() => MessagePlan) | undefined;
  /** Dropped when zero or empty. */
  readonly omitsZero: boolean;
}

/** One field on the wire: a property, or an inline message whose properties land in the parent's slots. */
export type FieldPlan =
  | { readonly number: number; readonly tag: number; readonly property: PropertyPlan; readonly inline?: undefined }
  | {
      readonly number: number;
      readonly tag: number;
      readonly inline: readonly FieldPlan[];
      readonly property?: undefined;
    };

/** A message's schema, worked out once for decoding and encoding. */
export interface MessagePlan {
  readonly schema: ObjectSchema;
  readonly properties: readonly PropertyPlan[];
  readonly byName: ReadonlyMap<string, PropertyPlan>;
  /** By ascending field number; empty for a schema without a Protobuf layout. */
  readonly fields: readonly FieldPlan[];
  /** `fields` again, by number. */
  readonly byNumber: readonly (FieldPlan | undefined)[];
}

const plans = new WeakMap<ObjectSchema, MessagePlan>();

export function messagePlanOf(schema: ObjectSchema): MessagePlan {
  let plan = plans.get(schema);
  if (plan === undefined) {
    plan = compile(schema);
    plans.set(schema, plan);
  }
  return plan;
}

function compile(schema: ObjectSchema): MessagePlan {
  const properties = [...schema.properties.values()].map(planProperty);
  const byProperty = new Map(properties.map((plan) => [plan.property, plan]));
  const fields = planFields(schema, byProperty);
  const byNumber: FieldPlan[] = [];
  for (const field of fields) byNumber[field.number] = field;
  return { schema, properties, byName: new Map(properties.map((plan) => [plan.name, plan])), fields, byNumber };
}

function planFields(schema: ObjectSchema, byProperty: ReadonlyMap<Property, PropertyPlan>): FieldPlan[] {
  const fields = (schema.wire ?? []).map((field): FieldPlan => {
    if (field.inline) {
      return { number: field.number, tag: tagOf(field.number, 2), inline: planFields(field.inline, byProperty) };
    }
    const property = byProperty.get(field.property!)!;
    return { number: field.number, tag: tagOf(field.number, wireTypeOf(property.value)), property };
  });
  return fields.sort((a, b) => a.number - b.number);
}

export const tagOf = (number: number, wireType: number): number => number * 8 + wireType;

/** Lists are written unpacked, so a list has its items' wire type. */
export function wireTypeOf(plan: ValuePlan): 0 | 1 | 2 {
  if (plan.kind === 'scalar') return plan.codec.wireType;
  return plan.kind === 'list' ? wireTypeOf(plan.item) : 2;
}

function planValue(schema: Schema): ValuePlan {
  switch (schema.type) {
    case 'object': {
      let plan: MessagePlan | undefined;
      return { kind: 'message', schema, plan: () => (plan ??= messagePlanOf(schema)) };
    }
    case 'list':
      return { kind: 'list', schema, item: planValue(schema.items) };
    case 'map':
      return { kind: 'map', schema, value: planValue(schema.values) };
    default: {
      const codec = scalarCodecOf(schema) ?? unionCodecOf(schema);
      if (codec === undefined) throw new Error(`no codec for a schema of type ${schema.type}`);
      return { kind: 'scalar', codec };
    }
  }
}

function planProperty(property: Property, slot: number): PropertyPlan {
  const value = planValue(property.schema);
  const { pointer, always } = property;
  const base = { property, name: property.name, slot, value, omitsZero: !pointer && !always };
  if (pointer) return { ...base, absent: always ? null : undefined, emptyMessage: undefined };
  if (value.kind === 'message') return { ...base, absent: undefined, emptyMessage: value.plan };
  if (value.kind !== 'scalar') return { ...base, absent: always ? null : undefined, emptyMessage: undefined };
  const printed = always || (value.codec.zeroIsPrinted && !OMITTED_WHEN_ZERO.has(property.name));
  return { ...base, absent: printed ? value.codec.zero : undefined, emptyMessage: undefined };
}

/** Go tags this one property `omitzero`; every other zero time is printed as null. */
const OMITTED_WHEN_ZERO = new Set(['creationTimestamp']);
