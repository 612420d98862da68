import { deepEqual } from '../deep/deep-equal.ts';
import { goFormat } from '../patch/go-format.ts';
import { formatCheck } from './formats.ts';
import { goPattern, PatternError } from './go-pattern.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Place, ValidationResult } from './validation-result.ts';

/** Checks one value, not what is below it. */
export type ValueCheck<T = unknown> = (value: T, place: Place, result: ValidationResult) => void;

/**
 * The validations of one node that concern a value itself, each made once, when the schema is compiled; absent where
 * there is nothing to check. Wording as in k8s.io/kube-openapi/pkg/validation/validate.
 */
export interface ValueChecks {
  readonly type: ValueCheck | undefined;
  readonly text: ValueCheck<string> | undefined;
  readonly format: ValueCheck<string> | undefined;
  readonly number: ValueCheck<number> | undefined;
  readonly list: ValueCheck<readonly unknown[]> | undefined;
  readonly enumeration: ValueCheck | undefined;
  readonly size: ValueCheck<Record<string, unknown>> | undefined;
}

export function valueChecks(node: JsonSchema): ValueChecks {
  return {
    type: typeCheck(node),
    text: textCheck(node),
    format: stringFormatCheck(node),
    number: numberCheck(node),
    list: listCheck(node),
    enumeration: enumCheck(node),
    size: sizeCheck(node),
  };
}

/** Larger numbers are never integers to Go. */
const INT64_LIMIT = 2 ** 63;

export function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < INT64_LIMIT ? 'integer' : 'number';
  return typeof value;
}

/** What Go calls the format of a value that has one by its type. */
const FORMAT_OF_TYPE: Readonly<Record<string, string>> = { integer: 'int64', number: 'float64' };

/**
 * As upstream has it, a format changes what is said and let through: texts and lists in a field with a format are judged
 * by the format alone, unless it is one of numbers, and of other wrong values the format is told, not the type.
 */
function typeCheck({ type: only, nullable, format, ...node }: JsonSchema): ValueCheck | undefined {
  const types = node['x-kubernetes-int-or-string'] ? ['integer', 'string'] : only ? [only] : [];
  if (types.length === 0) return undefined;
  const wanted = types.join(',');
  const isNumeric = types.includes('integer') || types.includes('number');
  return (value, place, result) => {
    const type = jsonTypeOf(value);
    if (type === 'null') {
      if (nullable !== true) result.wrongType(place, wanted, 'null');
      return;
    }
    if (types.includes(type) || (type === 'integer' && types.includes('number'))) return;
    const isTextOrList = type === 'string' || type === 'array';
    const own = FORMAT_OF_TYPE[type] ?? '';
    if (format && !isTextOrList && own !== format) result.wrongType(place, format, own);
    else if (!(format && isTextOrList && !isNumeric)) result.wrongType(place, wanted, type);
  };
}

/** The first that does not hold is the only one reported. */
function textCheck({ maxLength, minLength, pattern }: JsonSchema): ValueCheck<string> | undefined {
  if (maxLength === undefined && minLength === undefined && !pattern) return undefined;
  const checkPattern = pattern ? patternCheck(pattern) : undefined;
  return (text, place, result) => {
    const length = maxLength === undefined && minLength === undefined ? 0 : lengthOf(text);
    if (maxLength !== undefined && length > maxLength)
      result.add('FieldValueTooLong', place, text, `may not be more than ${plural(maxLength, 'byte')}`);
    else if (minLength !== undefined && length < minLength)
      result.invalid(place, text, `should be at least ${minLength} chars long`);
    else checkPattern?.(text, place, result);
  };
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** In code points, like Go's RuneCount; counting is only needed where the UTF-16 length could mislead. */
function lengthOf(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) >= 0xd800) return [...text].length;
  }
  return text.length;
}

function patternCheck(pattern: string): ValueCheck<string> {
  let expression: RegExp | undefined;
  return (text, place, result) => {
    try {
      expression ??= goPattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      result.invalid(place, text, `should match '${pattern}, but pattern is invalid: ${error.message}'`);
      return;
    }
    if (!expression.test(text)) result.invalid(place, text, `should match '${pattern}'`);
  };
}

function stringFormatCheck({ format }: JsonSchema): ValueCheck<string> | undefined {
  const isValid = format ? formatCheck(format) : undefined;
  if (isValid === undefined || !format) return undefined;
  return (text, place, result) => {
    if (!isValid(text)) result.wrongType(place, format, text);
  };
}

function numberCheck(node: JsonSchema): ValueCheck<number> | undefined {
  const { maximum, minimum, multipleOf, exclusiveMaximum, exclusiveMinimum } = node;
  const checks = [
    multipleOf === undefined ? undefined : multipleCheck(multipleOf),
    minimum === undefined
      ? undefined
      : exclusiveMinimum
        ? boundCheck(minimum, (value, bound) => value > bound, 'should be greater than')
        : boundCheck(minimum, (value, bound) => value >= bound, 'should be greater than or equal to'),
    maximum === undefined
      ? undefined
      : exclusiveMaximum
        ? boundCheck(maximum, (value, bound) => value < bound, 'should be less than')
        : boundCheck(maximum, (value, bound) => value <= bound, 'should be less than or equal to'),
  ].filter((check) => check !== undefined);
  if (checks.length === 0) return undefined;
  return (value, place, result) => {
    for (const check of checks) check(value, place, result);
  };
}

/** Integers are compared with integers: the fraction of the bound is dropped, as upstream does. */
function boundCheck(bound: number, holds: (value: number, bound: number) => boolean, what: string): ValueCheck<number> {
  const whole = Math.trunc(bound);
  return (value, place, result) => {
    const own = Number.isInteger(value) ? whole : bound;
    if (!holds(value, own)) result.invalid(place, value, `${what} ${goFormat(own)}`);
  };
}

function multipleCheck(factor: number): ValueCheck<number> {
  if (factor < 0) {
    return (_value, place, result) => {
      const detail = `factor MultipleOf declared for ${place?.text ?? ''} must be positive: ${goFormat(factor)}`;
      result.add('FieldValueInvalid', place, factor, detail);
    };
  }
  return (value, place, result) => {
    if (!isMultiple(value, factor)) result.invalid(place, value, `should be a multiple of ${goFormat(factor)}`);
  };
}

function isMultiple(value: number, factor: number): boolean {
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function listCheck({ maxItems, minItems, uniqueItems }: JsonSchema): ValueCheck<readonly unknown[]> | undefined {
  if (maxItems === undefined && minItems === undefined && !uniqueItems) return undefined;
  return (items, place, result) => {
    if (minItems !== undefined && items.length < minItems)
      result.invalid(place, items.length, `should have at least ${minItems} items`);
    if (maxItems !== undefined && items.length > maxItems)
      result.add('FieldValueTooMany', place, items.length, `must have at most ${plural(maxItems, 'item')}`);
    if (uniqueItems && items.some((item, at) => items.slice(0, at).some((other) => deepEqual(item, other))))
      result.invalid(place, '', `shouldn't contain duplicates`);
  };
}

/** Null is no value that could be listed, so an enumeration refuses it even where it may stand. */
function enumCheck({ enum: values }: JsonSchema): ValueCheck | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const scalars = new Set(values.filter((value) => typeof value !== 'object'));
  const objects = values.filter((value) => typeof value === 'object' && value !== null);
  const detail = `supported values: ${values.map((each) => JSON.stringify(typeof each === 'string' ? each : JSON.stringify(each))).join(', ')}`;
  return (value, place, result) => {
    const isAllowed =
      typeof value === 'object' && value !== null ? objects.some((each) => deepEqual(each, value)) : scalars.has(value);
    if (!isAllowed) result.add('FieldValueNotSupported', place, value, detail);
  };
}

/** Where this fails, what is in the object is not looked at. */
function sizeCheck({ minProperties, maxProperties }: JsonSchema): ValueCheck<Record<string, unknown>> | undefined {
  if (minProperties === undefined && maxProperties === undefined) return undefined;
  return (value, place, result) => {
    const size = Object.keys(value).length;
    if (minProperties !== undefined && size < minProperties)
      result.invalid(place, size, `should have at least ${minProperties} properties`);
    else if (maxProperties !== undefined && size > maxProperties)
      result.add('FieldValueTooMany', place, size, `must have at most ${plural(maxProperties, 'item')}`);
  };
}
