import type { KubeObject } from '../meta/object.ts';
import type { ObjectSchema } from '../schema/schema.ts';
import { findDuplicateFields, scanJson } from './json-scan.ts';
import { JsonTypeError } from './json-type-error.ts';
import { type MessagePlan, messagePlanOf, type ValuePlan } from './message-plan.ts';
import { buildMessage } from './normal-form.ts';
import { setOwn } from '../deep/own-property.ts';
import { pruneObject } from '../structural/prune-object.ts';

export interface JsonDecodeResult {
  readonly object: KubeObject;
  /** What strict decoding refuses, worded as upstream: `unknown field "spec.foo"`, `duplicate field "spec.bar"`. */
  readonly strictErrors: readonly string[];
}

/** JSON that cannot become an object of the kind. The message is upstream's, without the leading "… cannot be handled as …". */
export class JsonDecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonDecodeError';
  }
}

/** Deeper nesting than any real object has; V8's own recursion would end in a stack overflow far beyond it. */
export const MAX_JSON_DEPTH = 1000;

type Message = Record<string, unknown>;

/** Parses JSON text; throws JsonDecodeError worded as Go's decoder, also when nested too deep. */
export function parseJson(text: string): { value: unknown; keyCount: number } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonDecodeError(goSyntaxError(text, (error as Error).message));
  }
  const { depth, keyCount } = scanJson(text);
  if (depth > MAX_JSON_DEPTH) throw new JsonDecodeError('exceeded max depth');
  return { value, keyCount };
}

/** JSON text → normal form of a built-in kind. Throws JsonDecodeError. */
export function decodeJsonText(schema: ObjectSchema, text: string): JsonDecodeResult {
  const parsed = parseJson(text);
  return decodeJsonValue(schema, parsed.value, () => duplicatesIn(text, parsed));
}

type Duplicates = ReturnType<typeof findDuplicateFields>;

const NO_DUPLICATES: Duplicates = { duplicates: [], order: new Map() };

/** The keys that stand twice in an object of the text; cheap when there are none. */
export function duplicatesIn(text: string, { value, keyCount }: ReturnType<typeof parseJson>): Duplicates {
  return keyCount === countKeys(value) ? NO_DUPLICATES : findDuplicateFields(text);
}

/** An already parsed value → normal form. `findDuplicates` is asked only when the value is an object. */
export function decodeJsonValue(
  schema: ObjectSchema,
  value: unknown,
  findDuplicates: () => Duplicates = () => NO_DUPLICATES,
): JsonDecodeResult {
  if (!isObject(value)) {
    throw new JsonDecodeError(
      `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type ${shortName(schema)}`,
    );
  }
  const { object, unknownFields } = schema.structural ? pruneObject(schema, value) : normalizeObject(schema, value);
  const { duplicates, order } = findDuplicates();
  const strictErrors = [
    ...duplicates.map((path) => ({ path, error: `duplicate field "${path}"` })),
    ...unknownFields.map((path) => ({ path, error: `unknown field "${path}"` })),
  ]
    .toSorted((a, b) => (order.get(a.path) ?? 0) - (order.get(b.path) ?? 0))
    .map(({ error }) => error);
  return { object: object as KubeObject, strictErrors };
}

/** The normal form of a message, and the paths of the fields that it does not have. Throws JsonDecodeError. */
export function normalizeObject(
  schema: ObjectSchema,
  value: Message,
): { object: Message; unknownFields: readonly string[] } {
  const walk = new NormalizeWalk();
  return { object: walk.message(messagePlanOf(schema), value), unknownFields: walk.unknownFields };
}

/** A message inside another, from a codec that has no walk of its own. Unknown fields are dropped. */
export function normalizeMessage(plan: MessagePlan, value: Message): Message {
  return new NormalizeWalk().message(plan, value);
}

class NormalizeWalk {
  readonly unknownFields: string[] = [];
  /** Property names and list positions from the root to where the walk stands. */
  private readonly path: (string | number)[] = [];
  /** The property names among them: a Go error names no keys of maps. */
  private readonly fields: string[] = [];

  message(plan: MessagePlan, value: Message): Message {
    const slots: unknown[] = new Array(plan.properties.length);
    const { byName, schema } = plan;
    let kind: unknown;
    let apiVersion: unknown;
    for (const name in value) {
      const own = value[name];
      const property = byName.get(name);
      if (property === undefined) {
        if (schema.hasTypeMeta && (name === 'kind' || name === 'apiVersion')) {
          if (own === null || own === '') continue;
          if (typeof own !== 'string') throw this.typeError('string', own, 'TypeMeta', name);
          if (name === 'kind') kind = own;
          else apiVersion = own;
        } else {
          this.unknownFields.push(this.pathText(name));
        }
      } else if (own !== null) {
        this.path.push(name);
        this.fields.push(name);
        slots[property.slot] = this.value(property.value, own, schema);
        this.fields.pop();
        this.path.pop();
      }
    }
    return buildMessage(plan, slots, kind, apiVersion);
  }

  private value(plan: ValuePlan, value: unknown, parent: ObjectSchema): unknown {
    switch (plan.kind) {
      case 'scalar':
        try {
          return plan.codec.normalize(value);
        } catch (error) {
          if (error instanceof JsonTypeError) throw this.scalarError(error, value, parent);
          throw error;
        }
      case 'message':
        if (!isObject(value)) throw this.typeError(goName(plan.schema), value, shortName(parent));
        return this.message(plan.plan(), value);
      case 'list':
        return this.list(plan.item, value, parent);
      case 'map':
        return this.map(plan.value, value, parent);
    }
  }

  private list(item: ValuePlan, value: unknown, parent: ObjectSchema): unknown[] {
    if (!Array.isArray(value)) throw this.typeError(`[]${goTypeOf(item)}`, value, shortName(parent));
    const list: unknown[] = new Array(value.length);
    for (let at = 0; at < value.length; at++) {
      this.path.push(at);
      list[at] = value[at] === null ? zeroOf(item) : this.value(item, value[at], parent);
      this.path.pop();
    }
    return list;
  }

  private map(plan: ValuePlan, value: unknown, parent: ObjectSchema): Message {
    if (!isObject(value)) throw this.typeError(`map[string]${goTypeOf(plan)}`, value, shortName(parent));
    const map: Message = {};
    let previous = '';
    let sorted = true;
    for (const key in value) {
      if (key < previous) sorted = false;
      previous = key;
      this.path.push(key);
      setOwn(map, key, value[key] === null ? zeroOf(plan) : this.value(plan, value[key], parent));
      this.path.pop();
    }
    return sorted ? map : sortKeys(map);
  }

  private pathText(name: string): string {
    let text = '';
    for (const step of this.path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
    return text === '' ? name : `${text}.${name}`;
  }

  private scalarError(error: JsonTypeError, value: unknown, parent: ObjectSchema): JsonDecodeError {
    if (error.detail !== undefined && !error.detail.startsWith('number ')) return new JsonDecodeError(error.detail);
    if (error.goType === 'resource.Quantity') return new JsonDecodeError(error.detail ?? error.goType);
    return this.typeError(error.goType, value, shortName(parent), undefined, error.detail);
  }

  private typeError(
    goType: string,
    value: unknown,
    struct: string,
    name?: string,
    what = jsonTypeName(value),
  ): JsonDecodeError {
    const field = [...this.fields, ...(name === undefined ? [] : [name])].join('.');
    return new JsonDecodeError(
      `json: cannot unmarshal ${what} into Go struct field ${struct}.${field} of type ${goType}`,
    );
  }
}

function sortKeys(map: Message): Message {
  const sorted: Message = {};
  for (const key of Object.keys(map).sort()) setOwn(sorted, key, map[key]);
  return sorted;
}

/** A null inside a list or map is the zero value of its type. */
function zeroOf(plan: ValuePlan): unknown {
  if (plan.kind === 'scalar') return plan.codec.zero;
  return plan.kind === 'message' ? buildMessage(plan.plan(), []) : null;
}

function goTypeOf(plan: ValuePlan): string {
  switch (plan.kind) {
    case 'scalar':
      return typeof plan.codec.zero === 'string' ? 'string' : typeof plan.codec.zero === 'boolean' ? 'bool' : 'int32';
    case 'message':
      return goName(plan.schema);
    case 'list':
      return `[]${goTypeOf(plan.item)}`;
    case 'map':
      return `map[string]${goTypeOf(plan.value)}`;
  }
}

/** `k8s.io.api.apps.v1.DeploymentSpec` → `v1.DeploymentSpec`, as Go prints a type. */
function goName(schema: ObjectSchema): string {
  return (schema.name ?? 'object').split('.').slice(-2).join('.');
}

function shortName(schema: ObjectSchema): string {
  return (schema.name ?? 'object').split('.').at(-1)!;
}

function jsonTypeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys of all objects in the value; fewer than in its text means that some stood there twice. */
function countKeys(value: unknown): number {
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countKeys(item);
  } else if (typeof value === 'object' && value !== null) {
    for (const key in value) {
      count++;
      const own = (value as Message)[key];
      if (typeof own === 'object') count += countKeys(own);
    }
  }
  return count;
}

/** V8's syntax error, said as Go's encoding/json says it. */
function goSyntaxError(text: string, message: string): string {
  const position = /position (\d+)/.exec(message);
  const at = position ? Number(position[1]) : text.length;
  const character = text[at] ?? /Unexpected token '(.)'/su.exec(message)?.[1];
  if (text.trim() === '' || character === undefined || message.includes('Unterminated'))
    return 'unexpected end of JSON input';
  const where = SYNTAX.find(([v8]) => message.includes(v8))?.[1] ?? 'looking for beginning of value';
  return `invalid character ${quoteRune(character)} ${where}`;
}

/** What V8 expected → where Go says that it was. */
const SYNTAX: readonly (readonly [v8: string, go: string])[] = [
  ["':' after", 'after object key'],
  ['property name', 'looking for beginning of object key string'],
  ["',' or '}'", 'after object key:value pair'],
  ["',' or ']'", 'after array element'],
  ['after JSON', 'after top-level value'],
  ['control character', 'in string literal'],
  ['escaped character', 'in string escape code'],
];

function quoteRune(character: string): string {
  return character === "'" ? `'\\''` : character === '\n' ? `'\\n'` : `'${character}'`;
}
