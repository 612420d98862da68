import { type FieldError, fieldPath, invalidValue } from '@pilothouse/apimachinery';
import type { ReplicaSet } from '@pilothouse/api';
import { keepStored } from '../core/keep-stored.ts';
import { defaultPodTemplateSpec } from '../core/pod-spec/index.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import {
  dropDisabledTemplateFields,
  nonNegative,
  podNameWarnings,
  selectorColumn,
  SPEC,
  templateWarnings,
  validateReplicaTemplate,
  validateSameSelector,
  validateSelector,
  workloadColumns,
} from './workload.ts';

const STATUS = fieldPath('status');
const integer = { type: 'integer' };

export const replicaSet: KindBehaviour<ReplicaSet> = {
  group: 'apps',
  kind: 'ReplicaSet',
  defaults: (each) => {
    if (!each.spec) return;
    each.spec.replicas ??= 1;
    if (each.spec.template) defaultPodTemplateSpec(each.spec.template);
  },
  columns: [
    nameColumn,
    column<ReplicaSet>('Desired', ({ spec }) => spec?.replicas ?? 0, integer),
    column<ReplicaSet>('Current', ({ status }) => status?.replicas ?? 0, integer),
    column<ReplicaSet>('Ready', ({ status }) => status?.readyReplicas ?? 0, integer),
    ageColumn,
    ...workloadColumns,
    selectorColumn,
  ],
  strategy: {
    prepareForCreate: (each: ReplicaSet) => {
      each.status = { replicas: 0 };
      dropDisabledTemplateFields(each);
    },
    prepareForUpdate: (next: ReplicaSet, old: ReplicaSet) => {
      keepStored(next, old, 'status');
      dropDisabledTemplateFields(next, old);
    },
    validate: validateSpec,
    validateUpdate: (next: ReplicaSet, old: ReplicaSet) => [...validateSpec(next), ...validateSameSelector(next, old)],
    warnings: (each: ReplicaSet, old: ReplicaSet | undefined) => [
      ...podNameWarnings(each, old),
      ...templateWarnings(each, old),
    ],
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: ReplicaSet, old: ReplicaSet) => keepStored(next, old, 'spec'),
        validateUpdate: validateStatus,
      },
    },
    scale: {
      scale: {
        specReplicas: ['spec', 'replicas'],
        statusReplicas: ['status', 'replicas'],
        selector: ['spec', 'selector'],
      },
    },
  },
};

function validateSpec({ spec }: ReplicaSet): FieldError[] {
  return [
    ...nonNegative(spec.replicas, SPEC.child('replicas')),
    ...nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds')),
    // The word is upstream's.
    ...validateSelector(spec.selector, 'deployment'),
    ...validateReplicaTemplate(spec.template!, spec.selector),
  ];
}

const COUNTS = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'terminatingReplicas',
  'observedGeneration',
] as const;

function validateStatus({ status }: ReplicaSet): FieldError[] {
  const errors: FieldError[] = COUNTS.flatMap((name) => nonNegative(status?.[name], STATUS.child(name)));
  const replicas = status?.replicas ?? 0;
  for (const name of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const) {
    if ((status?.[name] ?? 0) > replicas)
      errors.push(invalidValue(STATUS.child(name), status?.[name] ?? 0, 'cannot be greater than status.replicas'));
  }
  if ((status?.availableReplicas ?? 0) > (status?.readyReplicas ?? 0)) {
    errors.push(
      invalidValue(
        STATUS.child('availableReplicas'),
        status?.availableReplicas,
        'cannot be greater than readyReplicas',
      ),
    );
  }
  return errors;
}
