import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  parseQuantity,
  required,
} from '@pilothouse/apimachinery';
import type { ResourceList } from '../resource-list.ts';
import { isHugePageResource, isOvercommitAllowed } from './resource-names.ts';
import { validateResourceQuantity } from './validate-quantity.ts';
import type { ResourceNameRule } from './validate-resource-name.ts';

interface ResourceRequirements {
  readonly limits?: ResourceList;
  readonly requests?: ResourceList;
}

/** Requests and limits: known names, sane amounts, and no request above its limit. */
export function validateResourceRequirements(
  { limits = {}, requests = {} }: ResourceRequirements,
  nameRule: ResourceNameRule,
  path: FieldPath,
  errors: FieldError[],
): void {
  let hasCpuOrMemory = false;
  let hasHugePages = false;
  const check = (name: string, text: string, at: FieldPath): void => {
    nameRule(name, at, errors);
    validateResourceQuantity(name, text, at, errors);
    if (name === 'cpu' || name === 'memory') hasCpuOrMemory = true;
  };
  const checkPages = (name: string, text: string, at: FieldPath): void => {
    if (!isHugePageResource(name)) return;
    hasHugePages = true;
    if (!isMultipleOfPage(name, text)) {
      errors.push(invalidValue(at, text, `${text} is not positive integer multiple of ${name}`));
    }
  };
  for (const name in limits) {
    const at = path.child('limits').key(name);
    check(name, limits[name] ?? '0', at);
    checkPages(name, limits[name] ?? '0', at);
  }
  for (const name in requests) {
    const request = requests[name] ?? '0';
    const at = path.child('requests').key(name);
    check(name, request, at);
    validateAgainstLimit(name, request, limits[name], path, errors);
    checkPages(name, request, at);
  }
  if (hasHugePages && !hasCpuOrMemory) errors.push(forbiddenField(path, 'HugePages require cpu or memory'));
}

function validateAgainstLimit(
  name: string,
  request: string,
  limit: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (request === limit) return;
  if (limit === undefined) {
    if (isOvercommitAllowed(name)) return;
    errors.push(required(path.child('limits'), 'Limit must be set for non overcommitable resources'));
    return;
  }
  const order = parseQuantity(request).compare(parseQuantity(limit));
  if (order !== 0 && !isOvercommitAllowed(name)) {
    errors.push(invalidValue(path.child('requests'), request, `must be equal to ${name} limit of ${limit}`));
  } else if (order > 0) {
    errors.push(
      invalidValue(path.child('requests'), request, `must be less than or equal to ${name} limit of ${limit}`),
    );
  }
}

/** `hugepages-2Mi` comes in pages of 2Mi. */
function isMultipleOfPage(name: string, text: string): boolean {
  const size = pageSize(name.slice('hugepages-'.length));
  return size !== undefined && parseQuantity(text).value() % size === 0;
}

function pageSize(text: string): number | undefined {
  try {
    const size = parseQuantity(text);
    return size.sign > 0 && size.toMilli() % 1000 === 0 ? size.value() : undefined;
  } catch {
    return undefined;
  }
}
