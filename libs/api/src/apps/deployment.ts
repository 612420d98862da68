import {
  bareIntOrPercent,
  deepEqual,
  type FieldError,
  fieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  validateNotMoreThan100Percent,
  validatePositiveIntOrPercent,
} from '@pilothouse/apimachinery';
import type { Deployment, DeploymentStatus, RollingUpdateDeployment } from '@pilothouse/api';
import { keepStored } from '../core/keep-stored.ts';
import { defaultPodTemplateSpec } from '../core/pod-spec/index.ts';
import type { KindBehaviour } from '../kind.ts';
import { internalForm } from '../meta/internal-form.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import {
  dropDisabledTemplateFields,
  nonNegative,
  podNameWarnings,
  selectorColumn,
  SPEC,
  templateWarnings,
  validateCollisionCount,
  validateReplicaTemplate,
  validateSameSelector,
  validateSelector,
  workloadColumns,
} from './workload.ts';

const STRATEGY = SPEC.child('strategy');
const STATUS = fieldPath('status');
const TYPES = ['Recreate', 'RollingUpdate'];

export const deployment: KindBehaviour<Deployment> = {
  group: 'apps',
  kind: 'Deployment',
  defaults: defaultDeployment,
  columns: [
    nameColumn,
    column<Deployment>('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    column<Deployment>('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
    column<Deployment>('Available', ({ status }) => status?.availableReplicas ?? 0),
    ageColumn,
    ...workloadColumns,
    selectorColumn,
  ],
  strategy: {
    prepareForCreate: (each: Deployment) => {
      each.status = {};
      dropDisabledTemplateFields(each);
    },
    prepareForUpdate: (next: Deployment, old: Deployment) => {
      keepStored(next, old, 'status');
      dropDisabledTemplateFields(next, old);
      // kubectl rollout annotations change what the controller must look at.
      const annotationsDiffer = !deepEqual(next.metadata.annotations ?? {}, old.metadata.annotations ?? {});
      if (annotationsDiffer && deepEqual(next.spec, old.spec))
        next.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    validate: validateDeployment,
    validateUpdate: (next: Deployment, old: Deployment) => [
      ...validateDeployment(next),
      ...validateSameSelector(next, old),
    ],
    warnings: (each: Deployment, old: Deployment | undefined) => [
      ...podNameWarnings(each, old),
      ...templateWarnings(each, old),
    ],
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: Deployment, old: Deployment) => {
          keepStored(next, old, 'spec');
          keepStored(next.metadata, old.metadata, 'labels');
        },
        validateUpdate: (next: Deployment, old: Deployment) => validateStatus(next.status ?? {}, old.status ?? {}),
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

function defaultDeployment(each: Deployment): void {
  const { spec } = each;
  if (!spec) return;
  spec.replicas ??= 1;
  const strategy = (spec.strategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  defaultPodTemplateSpec(spec.template);
}

function validateDeployment({ spec }: Deployment): FieldError[] {
  const errors: FieldError[] = [
    ...nonNegative(spec.replicas, SPEC.child('replicas')),
    ...validateSelector(spec.selector, 'deployment'),
    ...validateReplicaTemplate(spec.template, spec.selector),
    ...validateStrategy(spec.strategy ?? {}),
    ...nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds')),
    ...nonNegative(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit')),
  ];
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined) {
    const path = SPEC.child('progressDeadlineSeconds');
    errors.push(...nonNegative(deadline, path));
    if (deadline <= (spec.minReadySeconds ?? 0))
      errors.push(invalidValue(path, deadline, 'must be greater than minReadySeconds'));
  }
  return errors;
}

function validateStrategy(strategy: NonNullable<Deployment['spec']['strategy']>): FieldError[] {
  switch (strategy.type) {
    case 'Recreate':
      return strategy.rollingUpdate
        ? [forbiddenField(STRATEGY.child('rollingUpdate'), "may not be specified when strategy `type` is 'Recreate'")]
        : [];
    case 'RollingUpdate':
      return strategy.rollingUpdate
        ? validateRollingUpdate(strategy.rollingUpdate)
        : [required(STRATEGY.child('rollingUpdate'), 'this should be defaulted and never be nil')];
    default:
      return [notSupported(STRATEGY, internalForm('apps.v1.DeploymentStrategy', strategy), TYPES)];
  }
}

function validateRollingUpdate({ maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDeployment): FieldError[] {
  const path = STRATEGY.child('rollingUpdate');
  const errors = [
    ...validatePositiveIntOrPercent(maxUnavailable, path.child('maxUnavailable')),
    ...validatePositiveIntOrPercent(maxSurge, path.child('maxSurge')),
  ];
  if (bareIntOrPercent(maxUnavailable) === 0 && bareIntOrPercent(maxSurge) === 0) {
    errors.push(invalidValue(path.child('maxUnavailable'), maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  errors.push(...validateNotMoreThan100Percent(maxUnavailable, path.child('maxUnavailable')));
  return errors;
}

const COUNTS = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
] as const;

function validateStatus(status: DeploymentStatus, old: DeploymentStatus): FieldError[] {
  const errors: FieldError[] = COUNTS.flatMap((name) => nonNegative(status[name], STATUS.child(name)));
  errors.push(...nonNegative(status.collisionCount, STATUS.child('collisionCount')));
  const replicas = status.replicas ?? 0;
  const atMost = (name: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'): void => {
    if ((status[name] ?? 0) > replicas)
      errors.push(invalidValue(STATUS.child(name), status[name] ?? 0, 'cannot be greater than status.replicas'));
  };
  atMost('updatedReplicas');
  atMost('readyReplicas');
  atMost('availableReplicas');
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0)) {
    errors.push(
      invalidValue(STATUS.child('availableReplicas'), status.availableReplicas, 'cannot be greater than readyReplicas'),
    );
  }
  return [...errors, ...validateCollisionCount(status.collisionCount, old.collisionCount)];
}
