import {
  type FieldError,
  fieldPath,
  forbiddenField,
  notSupported,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { PriorityClass } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

const SYSTEM_PREFIX = 'system-';
const HIGHEST_USER_PRIORITY = 1_000_000_000;
/** The only classes that may be called `system-…`, as the apiserver itself creates them. */
const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-node-critical': 2 * HIGHEST_USER_PRIORITY + 1000,
  'system-cluster-critical': 2 * HIGHEST_USER_PRIORITY,
};
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];

export const priorityClass: KindBehaviour<PriorityClass> = {
  group: 'scheduling.k8s.io',
  kind: 'PriorityClass',
  defaults: (each) => {
    each.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  columns: [
    nameColumn,
    column<PriorityClass>('Value', ({ value }) => value, { type: 'integer' }),
    column<PriorityClass>('Global-Default', ({ globalDefault }) => globalDefault ?? false, { type: 'boolean' }),
    ageColumn,
    column<PriorityClass>('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
  ],
  strategy: {
    // Starts at one and never grows: there is nothing in a class that may change and be observed.
    prepareForCreate: (each: PriorityClass) => {
      each.metadata.generation = 1;
    },
    validate: validateClass,
    validateUpdate: (next: PriorityClass, old: PriorityClass) => [
      ...(next.value === old.value ? [] : [forbiddenField(fieldPath('value'), 'may not be changed in an update.')]),
      ...validateImmutableField(next.preemptionPolicy, old.preemptionPolicy, fieldPath('preemptionPolicy')),
    ],
    allowUnconditionalUpdate: true,
  },
};

function validateClass(each: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  const { value, preemptionPolicy } = each;
  if (each.metadata.name?.startsWith(SYSTEM_PREFIX)) {
    const problem = systemClassProblem(each);
    if (problem) {
      const detail = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${problem}`;
      errors.push(forbiddenField(fieldPath('metadata', 'name'), detail));
    }
  } else if (value > HIGHEST_USER_PRIORITY) {
    errors.push(
      forbiddenField(
        fieldPath('value'),
        `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`,
      ),
    );
  }
  if (preemptionPolicy === '') errors.push(required(fieldPath('preemptionPolicy')));
  else if (preemptionPolicy !== undefined && !PREEMPTION_POLICIES.includes(preemptionPolicy)) {
    errors.push(notSupported(fieldPath('preemptionPolicy'), preemptionPolicy, PREEMPTION_POLICIES));
  }
  return errors;
}

function systemClassProblem({
  metadata: { name = '' },
  value,
  globalDefault = false,
}: PriorityClass): string | undefined {
  const expected = SYSTEM_CLASSES[name];
  if (expected === undefined) return `${name} is not a known system priority class`;
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
