import {
  duplicate,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isQualifiedName,
  parseQuantity,
  Quantity,
  required,
} from '@pilothouse/apimachinery';
import type { LimitRange, LimitRangeItem } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { createdAtColumn, nameColumn } from '../printing/index.ts';
import { roundUpResourceList } from './resource-list.ts';
import { isOvercommitAllowed } from './resources/resource-names.ts';
import { validateContainerResourceName, validateResourceName } from './resources/validate-resource-name.ts';
import { pushInvalid } from './validation/push-invalid.ts';

const LIMIT_TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];
const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
/** Those that a claim's item needs one of come before its ratios. */
const NAMED_LISTS = ['max', 'min', 'default', 'defaultRequest'] as const;
const ONE = Quantity.of(1);

export const limitRange: KindBehaviour<LimitRange> = {
  group: '',
  kind: 'LimitRange',
  defaults: ({ spec }) => spec?.limits?.forEach(defaultItem),
  columns: [nameColumn, createdAtColumn],
  strategy: {
    validate: validateLimitRange,
    updateChecks: ['metadata', 'object'],
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
  },
};

/** A container's default limit is the most it may have; its default request is its default limit. */
function defaultItem(item: LimitRangeItem): void {
  for (const list of LISTS) roundUpResourceList(item[list]);
  if (item.type !== 'Container') return;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  (spec?.limits ?? []).forEach((each, index) => {
    const item = { ...each, type: each.type ?? '' };
    const at = fieldPath('spec', 'limits').index(index);
    validateType(item.type, at.child('type'), errors);
    if (types.has(item.type)) errors.push(duplicate(at.child('type'), item.type));
    types.add(item.type);
    const names = validateNames(item, NAMED_LISTS, at, errors);
    if (item.type === 'PersistentVolumeClaim' && !item.min?.storage && !item.max?.storage) {
      const detail = 'either minimum or maximum storage value is required, but neither was provided';
      errors.push(required(at.child('limits'), detail));
    }
    for (const name of validateNames(item, ['maxLimitRequestRatio'], at, errors)) names.add(name);
    for (const name of names) validateOrder(name, item, at, errors);
  });
  return errors;
}

function validateType(type: string, path: FieldPath, errors: FieldError[]): void {
  const messages = isQualifiedName(type);
  pushInvalid(errors, path, type, messages);
  if (messages.length > 0 || type.includes('/') || LIMIT_TYPES.includes(type)) return;
  errors.push(invalidValue(path, type, 'must be a standard limit type or fully qualified'));
}

/** Returns the names of all resources in the lists of an item. */
function validateNames(
  item: LimitRangeItem,
  lists: readonly (typeof LISTS)[number][],
  path: FieldPath,
  errors: FieldError[],
): Set<string> {
  const names = new Set<string>();
  for (const list of lists) {
    const resources = Object.keys(item[list] ?? {});
    if (item.type === 'Pod' && (list === 'default' || list === 'defaultRequest')) {
      if (resources.length > 0)
        errors.push(forbiddenField(path.child(list), "may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const name of resources) {
      const at = path.child(list).key(name);
      if (item.type === 'Pod' || item.type === 'Container') validateContainerResourceName(name, at, errors);
      else validateResourceName(name, at, errors);
      names.add(name);
    }
  }
  return names;
}

/** min ≤ defaultRequest ≤ default ≤ max, and a ratio that these can meet. */
function validateOrder(name: string, item: LimitRangeItem, path: FieldPath, errors: FieldError[]): void {
  const amount = (list: (typeof LISTS)[number]): Quantity | undefined => {
    const text = item[list]?.[name];
    return text === undefined ? undefined : parseQuantity(text);
  };
  const [min, max, limit, request] = [amount('min'), amount('max'), amount('default'), amount('defaultRequest')];
  const ratio = amount('maxLimitRequestRatio');
  const check = (
    low: Quantity | undefined,
    high: Quantity | undefined,
    list: string,
    bad: Quantity | undefined,
    text: string,
  ): void => {
    if (!low || !high || !bad || low.compare(high) <= 0) return;
    errors.push(invalidValue(path.child(list).key(name), bad.toString(), text));
  };
  check(min, max, 'min', min, `min value ${min} is greater than max value ${max}`);
  check(min, request, 'defaultRequest', request, `min value ${min} is greater than default request value ${request}`);
  check(request, max, 'defaultRequest', request, `default request value ${request} is greater than max value ${max}`);
  check(
    request,
    limit,
    'defaultRequest',
    request,
    `default request value ${request} is greater than default limit value ${limit}`,
  );
  check(min, limit, 'default', min, `min value ${min} is greater than default value ${limit}`);
  check(limit, max, 'default', max, `default value ${limit} is greater than max value ${max}`);
  if (ratio) validateRatio(ratio, min, max, path.child('maxLimitRequestRatio').key(name), errors);
  if (limit && request && !isOvercommitAllowed(name) && !limit.equals(request)) {
    const detail = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    errors.push(invalidValue(path.child('defaultRequest').key(name), request.toString(), detail));
  }
}

function validateRatio(
  ratio: Quantity,
  min: Quantity | undefined,
  max: Quantity | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (ratio.compare(ONE) < 0) errors.push(invalidValue(path, ratio.toString(), `ratio ${ratio} is less than 1`));
  if (!min || !max) return;
  const possible = max.toNumber() / min.toNumber();
  if (ratio.toNumber() <= possible) return;
  const detail = `ratio ${ratio} is greater than max/min = ${possible.toFixed(6)}`;
  errors.push(invalidValue(path, ratio.toString(), detail));
}
