import { JsonTypeError } from '../codec/json-type-error.ts';
import type { ScalarCodec } from '../codec/scalar-codecs.ts';
import { messagePlanOf, type MessagePlan, type ValuePlan } from '../codec/message-plan.ts';
import { isJsonObject } from '../deep/own-property.ts';
import type { ObjectSchema } from '../schema/schema.ts';
import { jsonKind } from './patch-error.ts';

/**
 * The first value that does not fit its field, in the words of upstream's converter from unstructured content, which
 * reads the result of a strategic merge; undefined when all fit. Upstream: runtime.unstructuredConverter.
 */
export function unstructuredTypeError(schema: ObjectSchema, value: unknown): string | undefined {
  return inStruct(messagePlanOf(schema), value);
}

function inStruct(plan: MessagePlan, value: unknown): string | undefined {
  if (!isJsonObject(value)) return `cannot restore struct from: ${goKind(value)}`;
  return first(plan.properties, ({ name, value: field }) => inValue(field, value[name]));
}

function inValue(plan: ValuePlan, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (plan.kind) {
    case 'scalar':
      return inScalar(plan.codec, value);
    case 'message':
      return inStruct(plan.plan(), value);
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${goKind(value)}`;
      return first(value, (item) => inValue(plan.item, item));
    case 'map':
      if (!isJsonObject(value)) return `cannot restore map from ${goKind(value)}`;
      return first(Object.values(value), (item) => inValue(plan.value, item));
  }
}

function inScalar(codec: ScalarCodec, value: unknown): string | undefined {
  try {
    codec.normalize(value);
    return undefined;
  } catch (error) {
    if (!(error instanceof JsonTypeError)) throw error;
    const { goType, detail } = error;
    // A type that reads its JSON by itself, a struct in Go, says by itself what is wrong.
    if (detail !== undefined && !detail.startsWith('number ')) return detail;
    if (codec.zeroIsPrinted) {
      return `json: cannot unmarshal ${detail ?? jsonKind(value)} into Go value of type ${goType}`;
    }
    const source = goKind(value);
    return isConvertible(source, goType) ? `cannot convert ${source} to ${goType}` : `unrecognized type: ${goType}`;
  }
}

/** Whether Go converts between the types, though JSON does not: an integer even to text. */
function isConvertible(source: string, goType: string): boolean {
  const isNumber = /^(int|float)/.test(goType);
  return source === 'int64' ? isNumber || goType === 'string' : source === 'float64' && isNumber;
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'object') return 'map';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

function first<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
