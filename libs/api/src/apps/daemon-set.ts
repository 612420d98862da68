import {
  bareIntOrPercent,
  type FieldError,
  fieldPath,
  invalidValue,
  notSupported,
  required,
  validateLabelSelector,
  validateNotMoreThan100Percent,
  validatePositiveIntOrPercent,
} from '@pilothouse/apimachinery';
import type { DaemonSet } from '@pilothouse/api';
import { keepStored } from '../core/keep-stored.ts';
import { defaultPodTemplateSpec, validatePodTemplateSpec } from '../core/pod-spec/index.ts';
import type { KindBehaviour } from '../kind.ts';
import { internalForm } from '../meta/internal-form.ts';
import { ageColumn, column, labelsCell, nameColumn } from '../printing/index.ts';
import {
  dropDisabledTemplateFields,
  nonNegative,
  parseSelector,
  sameTemplate,
  SELECTOR,
  selectorColumn,
  SPEC,
  TEMPLATE,
  templateWarnings,
  validateCollisionCount,
  validateIsSelected,
  validateRunsForever,
  validateSameSelector,
  validateSelectsSomething,
  workloadColumns,
} from './workload.ts';

const STRATEGY = SPEC.child('updateStrategy');
const STATUS = fieldPath('status');
const TYPES = ['RollingUpdate', 'OnDelete'];
/** Kept by the server: it counts the template's changes and clients cannot set it. */
const GENERATION = 'deprecated.daemonset.template.generation';
const integer = { type: 'integer' };

export const daemonSet: KindBehaviour<DaemonSet> = {
  group: 'apps',
  kind: 'DaemonSet',
  defaults: (each) => {
    if (!each.spec) return;
    const strategy = (each.spec.updateStrategy ??= {});
    strategy.type ||= 'RollingUpdate';
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
      dropDisabledTemplateFields(each);
      const wanted = Number(each.metadata.annotations?.[GENERATION] ?? 1);
      setTemplateGeneration(each, wanted >= 1 ? wanted : 1);
    },
    prepareForUpdate: (next: DaemonSet, old: DaemonSet) => {
      keepStored(next, old, 'status');
      dropDisabledTemplateFields(next, old);
      const before = Number(old.metadata.annotations?.[GENERATION] ?? 1);
      setTemplateGeneration(next, sameTemplate(next, old) ? before : before + 1);
    },
    validate: validateSpec,
    validateUpdate: (next: DaemonSet, old: DaemonSet) => [...validateSpec(next), ...validateSameSelector(next, old)],
    warnings: templateWarnings,
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
  const { selector, template } = spec;
  const parsed = parseSelector(selector);
  return [
    // An absent selector is not required here: that it does not select the template says enough.
    ...validateLabelSelector(selector, SELECTOR),
    ...(parsed ? validateIsSelected(template, parsed) : []),
    ...(selector ? validateSelectsSomething(selector, 'daemonset') : []),
    ...validatePodTemplateSpec(template, TEMPLATE),
    ...validateRunsForever(template, 'DaemonSet'),
    ...nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds')),
    ...validateStrategy(spec.updateStrategy ?? {}),
    ...nonNegative(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit')),
  ];
}

function validateStrategy(strategy: NonNullable<DaemonSet['spec']['updateStrategy']>): FieldError[] {
  if (strategy.type === 'OnDelete') return [];
  if (strategy.type !== 'RollingUpdate')
    return [notSupported(STRATEGY, internalForm('apps.v1.DaemonSetUpdateStrategy', strategy), TYPES)];
  const path = STRATEGY.child('rollingUpdate');
  if (!strategy.rollingUpdate) return [required(path)];
  const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate;
  const errors = [
    ...validatePositiveIntOrPercent(maxUnavailable, path.child('maxUnavailable')),
    ...validatePositiveIntOrPercent(maxSurge, path.child('maxSurge')),
    ...validateNotMoreThan100Percent(maxUnavailable, path.child('maxUnavailable')),
    ...validateNotMoreThan100Percent(maxSurge, path.child('maxSurge')),
  ];
  const [hasUnavailable, hasSurge] = [bareIntOrPercent(maxUnavailable) !== 0, bareIntOrPercent(maxSurge) !== 0];
  if (hasUnavailable && hasSurge)
    errors.push(invalidValue(path.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!hasUnavailable && !hasSurge)
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
  return [
    ...COUNTS.flatMap((name) => nonNegative(status?.[name], STATUS.child(name))),
    ...validateCollisionCount(status?.collisionCount, old.status?.collisionCount),
  ];
}
