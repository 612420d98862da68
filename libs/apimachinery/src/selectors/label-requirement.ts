import { getOwn } from '../deep/own-property.ts';
import { isLabelValue, isQualifiedName } from '../names/label-syntax.ts';
import { type FieldError, fieldPath, type FieldPath, invalidValue, NO_PATH } from '../validation/field-error.ts';

/** As in the selector language: `=` and `==` are the same test, and remember how they were written. */
export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt';

export type Labels = Readonly<Record<string, string>>;

const INTEGER = /^[+-]?[0-9]+$/;
const INT64_MAX = 2n ** 63n - 1n;

/** One condition on the value of one label. Build with `newRequirement`, which checks it. */
export class LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted, without repetition. */
  readonly values: readonly string[];

  constructor(key: string, operator: LabelOperator, values: readonly string[]) {
    this.key = key;
    this.operator = operator;
    this.values = values.length > 1 ? [...new Set(values)].sort() : values;
  }

  matches(labels: Labels | undefined): boolean {
    const value = getOwn(labels, this.key);
    switch (this.operator) {
      case 'in':
      case '=':
      case '==':
        return value !== undefined && this.values.includes(value);
      case 'notin':
      case '!=':
        return value === undefined || !this.values.includes(value);
      case 'exists':
        return value !== undefined;
      case '!':
        return value === undefined;
      case 'gt':
      case 'lt': {
        const [left, right] = [parseInt64(value), parseInt64(this.values[0])];
        if (left === undefined || right === undefined) return false;
        return this.operator === 'gt' ? left > right : left < right;
      }
    }
  }

  toString(): string {
    const value = this.values.join(',');
    switch (this.operator) {
      case 'exists':
        return this.key;
      case '!':
        return `!${this.key}`;
      case 'in':
      case 'notin':
        return `${this.key} ${this.operator} (${value})`;
      case 'gt':
        return `${this.key}>${value}`;
      case 'lt':
        return `${this.key}<${value}`;
      default:
        return `${this.key}${this.operator}${value}`;
    }
  }
}

/** Checks and builds a requirement. What is wrong comes back as field errors (`key`, `values`, `values[0][key]`). */
export function newRequirement(
  key: string,
  operator: LabelOperator,
  values: readonly string[],
): { requirement: LabelRequirement; errors: FieldError[] } {
  const errors = checkLabelKey(key, fieldPath('key'));
  const path = fieldPath('values');
  const wrongCount = (detail: string) => errors.push(invalidValue(path, values, detail));
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length === 0) wrongCount("for 'in', 'notin' operators, values set can't be empty");
      break;
    case '=':
    case '==':
    case '!=':
      if (values.length !== 1) wrongCount('exact-match compatibility requires one single value');
      break;
    case 'exists':
    case '!':
      if (values.length !== 0) wrongCount('values set must be empty for exists and does not exist');
      break;
    case 'gt':
    case 'lt':
      if (values.length !== 1) wrongCount("for 'Gt', 'Lt' operators, exactly one value is required");
      values.forEach((value, position) => {
        if (parseInt64(value) !== undefined) return;
        const why = "for 'Gt', 'Lt' operators, the value must be an integer";
        errors.push(invalidValue(path.index(position), value, why));
      });
  }
  values.forEach((value, position) => {
    const messages = isLabelValue(value);
    if (messages.length) errors.push(invalidValue(path.index(position).key(key), value, messages.join('; ')));
  });
  return { requirement: new LabelRequirement(key, operator, values), errors };
}

export function checkLabelKey(key: string, path: FieldPath = NO_PATH): FieldError[] {
  const messages = isQualifiedName(key);
  return messages.length ? [invalidValue(path, key, messages.join('; '))] : [];
}

function parseInt64(text: string | undefined): bigint | undefined {
  if (text === undefined || !INTEGER.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value > INT64_MAX || value < -INT64_MAX - 1n ? undefined : value;
}
