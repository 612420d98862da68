import {
  deepEqual,
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  isDNS1123Label,
  isDomainPrefixedPath,
  notSupported,
  required,
  tooLong,
  validateImmutableField,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { Job, JobSpec } from '@pilothouse/api';
import { nonNegative, selectsLabels } from '../apps/workload.ts';
import { keepStored } from '../core/keep-stored.ts';
import { defaultPodTemplateSpec, validatePodTemplateSpec, warningsForPodTemplate } from '../core/pod-spec/index.ts';
import type { KindBehaviour } from '../kind.ts';
import {
  ageColumn,
  column,
  containerImagesCell,
  containerNamesCell,
  humanDuration,
  nameColumn,
  selectorCell,
} from '../printing/index.ts';
import { validateJobStatusUpdate } from './validate-job-status.ts';
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies.ts';

const SPEC = fieldPath('spec');
const MAX_INT32 = 2 ** 31 - 1;
const MAX_MANAGED_BY_LENGTH = 63;
const MAX_INDEXED_PARALLELISM = 100_000;
const wide = { wide: true };

export const job: KindBehaviour<Job> = {
  group: 'batch',
  kind: 'Job',
  defaults: defaultJob,
  columns: [
    nameColumn,
    column<Job>('Status', statusCell),
    column<Job>('Completions', completionsCell),
    column<Job>('Duration', durationCell),
    ageColumn,
    column<Job>('Containers', ({ spec }) => containerNamesCell(spec?.template?.spec?.containers), wide),
    column<Job>('Images', ({ spec }) => containerImagesCell(spec?.template?.spec?.containers), wide),
    column<Job>('Selector', ({ spec }) => selectorCell(spec?.selector), wide),
  ],
  strategy: {
    prepareForCreate: (each: Job) => {
      each.status = {};
      generateSelector(each);
    },
    prepareForUpdate: (next: Job, old: Job) => keepStored(next, old, 'status'),
    validate: (each: Job) => validateJob(each),
    validateUpdate: (next: Job, old: Job) => [...validateJobSpec(next.spec, SPEC), ...validateUpdate(next, old)],
    warnings: (each: Job, old: Job | undefined) => [
      ...(old ? [] : nameWarnings(each.metadata.name ?? '')),
      ...warningsForPodTemplate(each.spec?.template, SPEC.child('template')),
    ],
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
    defaultPropagation: 'Orphan',
    selectableFields: {
      'metadata.name': ({ metadata }: Job) => metadata.name ?? '',
      'metadata.namespace': ({ metadata }: Job) => metadata.namespace ?? '',
      'status.successful': ({ status }: Job) => String(status?.succeeded ?? 0),
    },
    exactFieldLabels: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: Job, old: Job) => keepStored(next, old, 'spec'),
        validateUpdate: validateJobStatusUpdate,
      },
    },
  },
};

function defaultJob(each: Job): void {
  const { spec } = each;
  if (!spec) return;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32;
  const labels = spec.template?.metadata?.labels;
  if (labels && Object.keys(each.metadata.labels ?? {}).length === 0) each.metadata.labels = { ...labels };
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  }
  defaultPodTemplateSpec(spec.template);
}

/** A Job's pods are found by its uid, so that no two Jobs can share pods. */
function generateSelector(each: Job): void {
  const { spec } = each;
  if (spec.manualSelector) return;
  const { uid = '', name = '' } = each.metadata;
  const labels = (spec.template.metadata ??= {}).labels ?? {};
  const generated: Record<string, string> = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  spec.template.metadata.labels = { ...labels };
  for (const [key, value] of Object.entries(generated)) spec.template.metadata.labels[key] ??= value;
  spec.selector = {
    ...spec.selector,
    matchLabels: { 'batch.kubernetes.io/controller-uid': uid, ...spec.selector?.matchLabels },
  };
}

function nameWarnings(name: string): string[] {
  const problems = isDNS1123Label(name);
  return problems.length
    ? [
        `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
      ]
    : [];
}

function validateJob(each: Job): FieldError[] {
  return [...validateGeneratedSelector(each), ...validateJobSpec(each.spec, SPEC)];
}

function validateGeneratedSelector({ metadata, spec }: Job): FieldError[] {
  if (spec.manualSelector) return [];
  if (!spec.selector) return [];
  const errors: FieldError[] = [];
  const labels = spec.template.metadata?.labels ?? {};
  const path = SPEC.child('template', 'metadata', 'labels');
  const expect = (key: string, value: string): void => {
    if (labels[key] !== value)
      errors.push(
        labels[key] === undefined
          ? required(path, `must be '${value}'`)
          : invalidValue(path, labels, `must be '${value}'`),
      );
  };
  expect('batch.kubernetes.io/controller-uid', metadata.uid ?? '');
  expect('batch.kubernetes.io/job-name', metadata.name ?? '');
  if (
    !selectsLabels(spec.selector, {
      ...labels,
      'batch.kubernetes.io/controller-uid': metadata.uid ?? '',
    })
  ) {
    errors.push(invalidValue(SPEC.child('selector'), spec.selector, '`selector` not auto-generated'));
  }
  return errors;
}

/** The spec of a Job, or of the Jobs that a CronJob makes. */
export function validateJobSpec(
  spec: JobSpec,
  path: FieldPath,
  options: { readonly isTemplate?: boolean } = {},
): FieldError[] {
  const errors: FieldError[] = [
    ...nonNegative(spec.parallelism, path.child('parallelism')),
    ...nonNegative(spec.completions, path.child('completions')),
    ...nonNegative(spec.activeDeadlineSeconds, path.child('activeDeadlineSeconds')),
    ...nonNegative(spec.backoffLimit, path.child('backoffLimit')),
    ...nonNegative(spec.ttlSecondsAfterFinished, path.child('ttlSecondsAfterFinished')),
    ...nonNegative(spec.backoffLimitPerIndex, path.child('backoffLimitPerIndex')),
    ...nonNegative(spec.maxFailedIndexes, path.child('maxFailedIndexes')),
    ...validateMode(spec, path, options.isTemplate === true),
  ];
  if (spec.managedBy !== undefined) {
    const field = path.child('managedBy');
    errors.push(...isDomainPrefixedPath(field, spec.managedBy));
    if (spec.managedBy.length > MAX_MANAGED_BY_LENGTH) errors.push(tooLong(field, MAX_MANAGED_BY_LENGTH));
  }
  if (spec.podFailurePolicy) errors.push(...validateFailurePolicy(spec, path.child('podFailurePolicy')));
  if (spec.successPolicy) errors.push(...validateSuccessPolicy(spec, path.child('successPolicy')));
  if (spec.podReplacementPolicy !== undefined) {
    const field = path.child('podReplacementPolicy');
    if (spec.podFailurePolicy && spec.podReplacementPolicy !== 'Failed')
      errors.push(notSupported(field, spec.podReplacementPolicy, ['Failed']));
    else if (!['Failed', 'TerminatingOrFailed'].includes(spec.podReplacementPolicy))
      errors.push(notSupported(field, spec.podReplacementPolicy, ['Failed', 'TerminatingOrFailed']));
  }
  if (!options.isTemplate) {
    if (!spec.selector) errors.push(required(path.child('selector')));
    else errors.push(...validateLabelSelector(spec.selector, path.child('selector')));
    const labels = spec.template?.metadata?.labels ?? {};
    if (spec.selector && !selectsLabels(spec.selector, labels)) {
      errors.push(
        invalidValue(
          path.child('template', 'metadata', 'labels'),
          labels,
          '`selector` does not match template `labels`',
        ),
      );
    }
  }
  errors.push(...validatePodTemplateSpec(spec.template, path.child('template')));
  const restartPolicy = spec.template?.spec?.restartPolicy;
  const policyPath = path.child('template', 'spec', 'restartPolicy');
  if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') {
    errors.push(
      restartPolicy === 'Always' || !restartPolicy
        ? required(policyPath, 'valid values: "OnFailure", "Never"')
        : notSupported(policyPath, restartPolicy, ['OnFailure', 'Never']),
    );
  } else if (restartPolicy === 'OnFailure' && spec.podFailurePolicy) {
    errors.push(
      invalidValue(policyPath, restartPolicy, `only "Never" is supported when podFailurePolicy is specified`),
    );
  }
  return errors;
}

function validateMode(spec: JobSpec, path: FieldPath, isTemplate: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const mode = spec.completionMode ?? (isTemplate ? 'NonIndexed' : undefined);
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed')
    errors.push(notSupported(path.child('completionMode'), mode, ['NonIndexed', 'Indexed']));
  if (mode === 'Indexed') {
    if (spec.completions === undefined)
      errors.push(required(path.child('completions'), 'when completion mode is Indexed'));
    if ((spec.parallelism ?? 0) > MAX_INDEXED_PARALLELISM)
      errors.push(
        invalidValue(
          path.child('parallelism'),
          spec.parallelism,
          `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`,
        ),
      );
    if (
      spec.maxFailedIndexes !== undefined &&
      spec.completions !== undefined &&
      spec.maxFailedIndexes > spec.completions
    ) {
      errors.push(
        invalidValue(
          path.child('maxFailedIndexes'),
          spec.maxFailedIndexes,
          'must be less than or equal to completions',
        ),
      );
    }
  } else if (spec.backoffLimitPerIndex !== undefined) {
    errors.push(
      invalidValue(path.child('backoffLimitPerIndex'), spec.backoffLimitPerIndex, 'requires indexed completion mode'),
    );
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  }
  return errors;
}

function validateUpdate(next: Job, old: Job): FieldError[] {
  const errors: FieldError[] = [];
  const isElastic =
    next.spec.completionMode === 'Indexed' &&
    next.spec.completions === next.spec.parallelism &&
    old.spec.completions !== undefined;
  if (!isElastic)
    errors.push(...validateImmutableField(next.spec.completions, old.spec.completions, SPEC.child('completions')));
  errors.push(...validateImmutableField(next.spec.selector, old.spec.selector, SPEC.child('selector')));
  if (!deepEqual(withoutMutableTemplate(next, old), old.spec.template)) {
    errors.push(invalidValue(SPEC.child('template'), next.spec.template, 'field is immutable'));
  }
  for (const name of [
    'completionMode',
    'podFailurePolicy',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ] as const) {
    errors.push(...validateImmutableField(next.spec[name], old.spec[name], SPEC.child(name)));
  }
  return errors;
}

/** While a Job is suspended and has not started, where its pods may run can still be changed. */
function withoutMutableTemplate(next: Job, old: Job): Job['spec']['template'] {
  const { template } = next.spec;
  const isOpen = old.spec.suspend === true && old.status?.startTime === undefined;
  if (!isOpen || !template.spec || !old.spec.template.spec) return template;
  const { nodeSelector: _, tolerations: _t, affinity: _a, schedulingGates: _g, ...spec } = template.spec;
  const stored = old.spec.template.spec;
  const kept = Object.fromEntries(
    (['nodeSelector', 'tolerations', 'affinity', 'schedulingGates'] as const).flatMap((name) =>
      stored[name] === undefined ? [] : [[name, stored[name]]],
    ),
  );
  return { ...template, metadata: old.spec.template.metadata, spec: { ...spec, ...kept } as typeof stored };
}

const isTrue = ({ status }: Job, type: string): boolean =>
  status?.conditions?.find((each) => each.type === type)?.status === 'True';

function statusCell(each: Job): string {
  if (isTrue(each, 'Complete')) return 'Complete';
  if (isTrue(each, 'Failed')) return 'Failed';
  if (each.metadata.deletionTimestamp) return 'Terminating';
  for (const type of ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']) if (isTrue(each, type)) return type;
  return 'Running';
}

function completionsCell({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationCell({ status }: Job, now: Date): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now.getTime();
  return humanDuration(end - Date.parse(status.startTime));
}
