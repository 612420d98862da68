import {
  deepEqual,
  type FieldError,
  fieldPath,
  invalidValue,
  notSupported,
  required,
  scaledIntOrPercent,
  validateNotMoreThan100Percent,
  validatePositiveIntOrPercent,
} from '@pilothouse/apimachinery';
import type { DaemonSet } from '@pilothouse/api';
import { keepStored } from '../core/keep-stored.ts';
import { defaultPodTemplateSpec, warningsForPodTemplate } from '../core/pod-spec/index.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, labelsCell, nameColumn } from '../printing/index.ts';
import {
  nonNegative,
  sameTemplate,
  selectorColumn,
  SPEC,
  TEMPLATE,
  validateSameSelector,
  validateSelector,
  validateTemplate,
  workloadColumns,
} from './workload.ts';

const STRATEGY = SPEC.child('updateStrategy');
const STATUS = fieldPath('status');
/** Kept by the server: it counts the template's changes and clients cannot set it. */
const GENERATION = 'deprecated.daemonset.template.generation';
const integer = { type: 'integer' };

export const daemonSet: KindBehaviour<DaemonSet> = {
  group: 'apps',
  kind: 'DaemonSet',
  defaults: (each) => {
    if (!each.spec) return;
    const strategy = (each.spec.updateStrategy ??= {});
    strategy.type ??= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') {
      const rolling = (strategy.rollingUpdate ??= {});
      rolling.maxUnavailable ??= 1;
      rolling.maxSurge ??= 0;
    }
    each.spec.revisionHistoryLimit ??= 10;
    defaultPodTemplateSpec(each.spec.template);
  },
  columns: [
    nameColumn,
    column<DaemonSet>('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0, integer),
    column<DaemonSet>('Current', ({ status }) => status?.currentNumberScheduled ?? 0, integer),
    column<DaemonSet>('Ready', ({ status }) => status?.numberReady ?? 0, integer),
    column<DaemonSet>('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0, integer),
    column<DaemonSet>('Available', ({ status }) => status?.numberAvailable ?? 0, integer),
    column<DaemonSet>('Node Selector', ({ spec }) => labelsCell(spec?.template?.spec?.nodeSelector)),
    ageColumn,
    ...workloadColumns,
    selectorColumn,
  ],
  strategy: {
    prepareForCreate: (each: DaemonSet) => {
      each.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
      setTemplateGeneration(each, 1);
    },
    prepareForUpdate: (next: DaemonSet, old: DaemonSet) => {
      keepStored(next, old, 'status');
      const before = Number(old.metadata.annotations?.[GENERATION] ?? 1);
      setTemplateGeneration(next, sameTemplate(next, old) ? before : before + 1);
    },
    validate: validateSpec,
    validateUpdate: (next: DaemonSet, old: DaemonSet) => [...validateSpec(next), ...validateSameSelector(next, old)],
    warnings: (each: DaemonSet) => warningsForPodTemplate(each.spec?.template, TEMPLATE),
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: DaemonSet, old: DaemonSet) => keepStored(next, old, 'spec'),
        validateUpdate: validateStatus,
      },
    },
  },
};

function setTemplateGeneration(each: DaemonSet, generation: number): void {
  const wanted = String(generation);
  if (each.metadata.annotations?.[GENERATION] === wanted) return;
  each.metadata.annotations = { ...each.metadata.annotations, [GENERATION]: wanted };
}

function validateSpec({ spec }: DaemonSet): FieldError[] {
  return [
    ...validateSelector(spec.selector, 'daemonset'),
    ...validateTemplate(spec.template, spec.selector, 'DaemonSet'),
    ...nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds')),
    ...validateStrategy(spec.updateStrategy ?? {}),
    ...nonNegative(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit')),
  ];
}

function validateStrategy(strategy: NonNullable<DaemonSet['spec']['updateStrategy']>): FieldError[] {
  if (strategy.type === 'OnDelete') return [];
  if (strategy.type !== 'RollingUpdate')
    return [notSupported(STRATEGY.child('type'), strategy.type, ['RollingUpdate', 'OnDelete'])];
  const path = STRATEGY.child('rollingUpdate');
  if (!strategy.rollingUpdate) return [required(path)];
  const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate;
  const errors = [
    ...validatePositiveIntOrPercent(maxUnavailable, path.child('maxUnavailable')),
    ...validateNotMoreThan100Percent(maxUnavailable, path.child('maxUnavailable')),
    ...validatePositiveIntOrPercent(maxSurge, path.child('maxSurge')),
    ...validateNotMoreThan100Percent(maxSurge, path.child('maxSurge')),
  ];
  const isSet = (value: number | string): boolean => {
    const scaled = scaledIntOrPercent(value, 100, true);
    return scaled.ok && scaled.value !== 0;
  };
  if (isSet(maxUnavailable) && isSet(maxSurge))
    errors.push(invalidValue(path.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!isSet(maxUnavailable) && !isSet(maxSurge))
    errors.push(required(path.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
  return errors;
}

const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const;

function validateStatus({ status }: DaemonSet, old: DaemonSet): FieldError[] {
  const errors: FieldError[] = COUNTS.flatMap((name) => nonNegative(status?.[name], STATUS.child(name)));
  const [next, before] = [status?.collisionCount, old.status?.collisionCount];
  if (before !== undefined && !deepEqual(next, before) && (next === undefined || next < before)) {
    errors.push(
      invalidValue(
        STATUS.child('collisionCount'),
        next ?? null,
        next === undefined ? 'cannot be unset' : 'cannot be decremented',
      ),
    );
  }
  return errors;
}
