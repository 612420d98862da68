import { deepEqual } from '../deep/deep-equal.ts';
import { formatCheck } from './formats.ts';
import { goPattern, PatternError } from './go-pattern.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Place, ValidationResult } from './validation-result.ts';

/** Checks one value, not what is below it. */
export type ValueCheck = (value: unknown, place: Place, result: ValidationResult) => void;

/**
 * The validations of one node that concern a value itself: type, enum, numbers, strings, sizes. Each is made once, when
 * the schema is compiled. Wording as in k8s.io/kube-openapi/pkg/validation/validate.
 */
export function valueChecks(node: JsonSchema): ValueCheck[] {
  return [
    typeCheck(node),
    ...stringChecks(node),
    ...numberChecks(node),
    ...listChecks(node),
    enumCheck(node),
    ...sizeChecks(node),
  ].filter((check) => check !== undefined);
}

export function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function typeCheck(node: JsonSchema): ValueCheck | undefined {
  const types = node['x-kubernetes-int-or-string'] ? ['integer', 'string'] : node.type ? [node.type] : [];
  if (types.length === 0) return undefined;
  const wanted = types.join(',');
  const nullable = node.nullable === true;
  const acceptsInteger = types.includes('integer') || types.includes('number');
  // As upstream has it: a string in a field with a format is judged by its format alone.
  const skipsStrings = node.format !== undefined && node.format !== '' && !acceptsInteger;
  return (value, place, result) => {
    const type = jsonTypeOf(value);
    if (type === 'null') {
      if (!nullable) result.wrongType(place, wanted, 'null');
    } else if (
      !(types.includes(type) || (type === 'integer' && acceptsInteger) || (skipsStrings && type === 'string'))
    ) {
      result.wrongType(place, wanted, type);
    }
  };
}

function stringChecks(node: JsonSchema): (ValueCheck | undefined)[] {
  const { maxLength, minLength, pattern, format } = node;
  const onText =
    (check: (text: string, place: Place, result: ValidationResult) => void): ValueCheck =>
    (value, place, result) => {
      if (typeof value === 'string') check(value, place, result);
    };
  const isValid = format ? formatCheck(format) : undefined;
  return [
    maxLength !== undefined
      ? onText((text, place, result) => {
          if (lengthOf(text) > maxLength) result.add('FieldValueTooLong', place, text, tooLong(maxLength));
        })
      : undefined,
    minLength !== undefined
      ? onText((text, place, result) => {
          if (lengthOf(text) < minLength) result.invalid(place, text, `should be at least ${minLength} chars long`);
        })
      : undefined,
    pattern ? onText(patternCheck(pattern)) : undefined,
    isValid && format
      ? onText((text, place, result) => {
          if (!isValid(text)) result.wrongType(place, format, text);
        })
      : undefined,
  ];
}

const tooLong = (max: number): string => `may not be more than ${max} ${max === 1 ? 'byte' : 'bytes'}`;

/** In code points, like Go's RuneCount; counting is only needed where the UTF-16 length could mislead. */
function lengthOf(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) >= 0xd800) return [...text].length;
  }
  return text.length;
}

function patternCheck(pattern: string) {
  let expression: RegExp | undefined;
  return (text: string, place: Place, result: ValidationResult): void => {
    try {
      expression ??= goPattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      result.invalid(place, text, `should match '${pattern}', but pattern is invalid: ${error.message}`);
      return;
    }
    if (!expression.test(text)) result.invalid(place, text, `should match '${pattern}'`);
  };
}

function numberChecks(node: JsonSchema): (ValueCheck | undefined)[] {
  const { maximum, minimum, multipleOf } = node;
  const unless =
    (holds: (value: number) => boolean, what: string): ValueCheck =>
    (value, place, result) => {
      if (typeof value === 'number' && !holds(value)) result.invalid(place, value, what);
    };
  return [
    multipleOf !== undefined
      ? unless((value) => isMultiple(value, multipleOf), `should be a multiple of ${multipleOf}`)
      : undefined,
    maximum === undefined
      ? undefined
      : node.exclusiveMaximum
        ? unless((value) => value < maximum, `should be less than ${maximum}`)
        : unless((value) => value <= maximum, `should be less than or equal to ${maximum}`),
    minimum === undefined
      ? undefined
      : node.exclusiveMinimum
        ? unless((value) => value > minimum, `should be greater than ${minimum}`)
        : unless((value) => value >= minimum, `should be greater than or equal to ${minimum}`),
  ];
}

function isMultiple(value: number, factor: number): boolean {
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function listChecks(node: JsonSchema): (ValueCheck | undefined)[] {
  const { maxItems, minItems, uniqueItems } = node;
  return [
    minItems !== undefined
      ? (value, place, result) => {
          if (Array.isArray(value) && value.length < minItems)
            result.invalid(place, value.length, `should have at least ${minItems} items`);
        }
      : undefined,
    maxItems !== undefined
      ? (value, place, result) => {
          if (Array.isArray(value) && value.length > maxItems)
            result.add('FieldValueTooMany', place, value.length, tooMany(maxItems));
        }
      : undefined,
    uniqueItems
      ? (value, place, result) => {
          if (
            Array.isArray(value) &&
            value.some((item, at) => value.slice(0, at).some((other) => deepEqual(item, other)))
          ) {
            result.invalid(place, value, `shouldn't contain duplicates`);
          }
        }
      : undefined,
  ];
}

const tooMany = (max: number): string => `must have at most ${max} ${max === 1 ? 'item' : 'items'}`;

function enumCheck({ enum: values, nullable }: JsonSchema): ValueCheck | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const scalars = new Set(values.filter((value) => typeof value !== 'object' || value === null));
  const objects = values.filter((value) => typeof value === 'object' && value !== null);
  const detail = `supported values: ${values.map((each) => JSON.stringify(typeof each === 'string' ? each : JSON.stringify(each))).join(', ')}`;
  return (value, place, result) => {
    if (value === null && nullable && !scalars.has(null)) return;
    const isAllowed =
      typeof value === 'object' && value !== null ? objects.some((each) => deepEqual(each, value)) : scalars.has(value);
    if (!isAllowed) result.add('FieldValueNotSupported', place, value, detail);
  };
}

function sizeChecks({ minProperties, maxProperties }: JsonSchema): (ValueCheck | undefined)[] {
  const sizeOf = (value: unknown): number =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value).length : -1;
  return [
    minProperties !== undefined
      ? (value, place, result) => {
          const size = sizeOf(value);
          if (size >= 0 && size < minProperties)
            result.invalid(place, size, `should have at least ${minProperties} properties`);
        }
      : undefined,
    maxProperties !== undefined
      ? (value, place, result) => {
          const size = sizeOf(value);
          if (size > maxProperties) result.add('FieldValueTooMany', place, size, tooMany(maxProperties));
        }
      : undefined,
  ];
}
