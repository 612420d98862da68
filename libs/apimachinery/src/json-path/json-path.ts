import { parseJsonPath, type FilterOperand, type JsonPathStep } from './parse-json-path.ts';

/**
 * A JSONPath in the dialect of kubectl and printer columns: https://kubernetes.io/docs/reference/kubectl/jsonpath/.
 * What is missing is skipped, as printer columns want it. Throws JsonPathError when the text is no path.
 */
export class JsonPath {
  readonly #steps: readonly JsonPathStep[];

  constructor(text: string) {
    this.#steps = parseJsonPath(text);
  }

  /** Every value that the path leads to, in document order. */
  find(value: unknown): unknown[] {
    return follow(this.#steps, [value]);
  }
}

function follow(steps: readonly JsonPathStep[], start: readonly unknown[]): unknown[] {
  let values = start;
  for (const step of steps) values = values.flatMap((value) => take(step, value));
  return [...values];
}

function take(step: JsonPathStep, value: unknown): unknown[] {
  switch (step.kind) {
    case 'field':
      return isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case 'wildcard':
      return childrenOf(value);
    case 'recursive':
      return [value, ...descendantsOf(value)];
    case 'index': {
      if (!Array.isArray(value)) return [];
      const at = step.index < 0 ? value.length + step.index : step.index;
      return at >= 0 && at < value.length ? [value[at]] : [];
    }
    case 'slice':
      return Array.isArray(value) ? sliceOf(value, step.start, step.end, step.step) : [];
    case 'union':
      return step.members.flatMap((member) => take(member, value));
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => matches(step, item)) : [];
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function descendantsOf(value: unknown): unknown[] {
  return childrenOf(value).flatMap((child) =>
    typeof child === 'object' && child !== null ? [child, ...descendantsOf(child)] : [],
  );
}

function sliceOf(list: readonly unknown[], start = 0, end = list.length, step = 1): unknown[] {
  const from = start < 0 ? list.length + start : start;
  const to = Math.min(end < 0 ? list.length + end : end, list.length);
  const result: unknown[] = [];
  for (let at = Math.max(from, 0); at < to && step > 0; at += step) result.push(list[at]);
  return result;
}

function matches({ left, operator, right }: Extract<JsonPathStep, { kind: 'filter' }>, item: unknown): boolean {
  const a = operand(left, item);
  if (operator === 'exists') return a.length > 0;
  const b = operand(right!, item);
  if (a.length !== 1 || b.length !== 1) return false;
  return compare(a[0], b[0], operator);
}

function operand(operandValue: FilterOperand, item: unknown): unknown[] {
  return 'literal' in operandValue ? [operandValue.literal] : follow(operandValue.path, [item]);
}

function compare(a: unknown, b: unknown, operator: string): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    default:
      if (typeof a !== typeof b || (typeof a !== 'number' && typeof a !== 'string')) return false;
      return ordered(a as number, b as number, operator);
  }
}

function ordered(a: number, b: number, operator: string): boolean {
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}
