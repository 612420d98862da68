import {
  EVERYTHING,
  type FieldError,
  fieldPath,
  invalidValue,
  isDNS1123Label,
  required,
} from '@pilothouse/apimachinery';
import type { Job, JobSpec } from '@pilothouse/api';
import { dropDisabledTemplateFields, parseSelector, podNameWarnings } from '../apps/workload.ts';
import { keepStored } from '../core/keep-stored.ts';
import { defaultPodTemplateSpec } from '../core/pod-spec/index.ts';
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
import { validateJobSpec } from './validate-job-spec.ts';
import { validateJobStatusUpdate } from './validate-job-status.ts';
import { validateJobUpdate } from './validate-job-update.ts';
import { jobSpecWarnings } from './job-warnings.ts';

const SPEC = fieldPath('spec');
const MAX_INT32 = 2 ** 31 - 1;
const PREFIXED = { uid: 'batch.kubernetes.io/controller-uid', name: 'batch.kubernetes.io/job-name' } as const;
const LABELS = SPEC.child('template', 'metadata', 'labels');
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
      dropDisabledTemplateFields(each);
    },
    prepareForUpdate: (next: Job, old: Job) => {
      keepStored(next, old, 'status');
      dropDisabledTemplateFields(next, old);
    },
    validate: (each: Job) => validateJob(each),
    // Upstream looks at the spec of a changed Job twice.
    validateUpdate: (next: Job, old: Job) => [
      ...validateJob(next, old),
      ...validateJobSpec(next.spec, SPEC),
      ...validateJobUpdate(next, old),
    ],
    updateChecks: ['metadata', 'update', 'metadataUpdate'],
    warnings: (each: Job, old: Job | undefined) => [
      ...podNameWarnings(each, old),
      ...(old && each.metadata.generation === old.metadata.generation ? [] : jobSpecWarnings(each.spec, SPEC)),
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
  defaultFailurePolicy(spec);
  defaultPodTemplateSpec(spec.template);
}

/** A condition that a rule looks for is expected to be true. */
export function defaultFailurePolicy({ podFailurePolicy }: JobSpec): void {
  for (const rule of podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  }
}

/** A Job's pods are found by its uid, so that no two Jobs can share pods. */
function generateSelector(each: Job): void {
  const { spec } = each;
  if (spec.manualSelector) return;
  const { uid = '', name = '' } = each.metadata;
  const template = (spec.template.metadata ??= {});
  template.labels = withDefaults(template.labels, {
    [PREFIXED.uid]: uid,
    [PREFIXED.name]: name,
    'controller-uid': uid,
    'job-name': name,
  });
  spec.selector = {
    ...spec.selector,
    matchLabels: withDefaults(spec.selector?.matchLabels, { [PREFIXED.uid]: uid }),
  };
}

/** What a client has set stays. In the order in which messages show labels. */
function withDefaults(
  labels: Readonly<Record<string, string>> | undefined,
  defaults: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...defaults, ...labels }).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function validateJob(each: Job, old?: Job): FieldError[] {
  return [...validateGeneratedSelector(each, old), ...validateJobSpec(each.spec, SPEC), ...validatePodHostnames(each)];
}

/** Jobs of older releases have only the labels without a prefix. */
function validateGeneratedSelector({ metadata, spec }: Job, old?: Job): FieldError[] {
  if (spec.manualSelector || !spec.selector) return [];
  const { uid = '', name = '' } = metadata;
  const labels = spec.template.metadata?.labels;
  const before = old?.spec.template.metadata?.labels ?? {};
  const isPrefixed = !old || (PREFIXED.uid in before && PREFIXED.name in before);
  const expected: Record<string, string> = {
    'controller-uid': uid,
    'job-name': name,
    ...(isPrefixed ? { [PREFIXED.uid]: uid, [PREFIXED.name]: name } : {}),
  };
  const errors: FieldError[] = uid ? [] : [required(fieldPath('metadata', 'uid'))];
  for (const [key, value] of Object.entries(expected)) {
    const why = `must be '${value}'`;
    if (labels?.[key] === undefined) errors.push(required(LABELS.key(key), why));
    else if (labels[key] !== value) errors.push(invalidValue(LABELS.key(key), labels, why));
  }
  if (!(parseSelector(spec.selector) ?? EVERYTHING).matches(expected))
    errors.push(invalidValue(SPEC.child('selector'), spec.selector, '`selector` not auto-generated'));
  return errors;
}

/** Pods of an Indexed Job are called after it and their index. */
function validatePodHostnames({ metadata: { name = '' }, spec }: Job): FieldError[] {
  if (spec.completionMode !== 'Indexed' || !spec.completions || spec.completions < 0) return [];
  const last = `${name}-${spec.completions - 1}`;
  if (isDNS1123Label(last).length === 0) return [];
  const why = `will not able to create pod with invalid DNS label: ${last}`;
  return [invalidValue(fieldPath('metadata', 'name'), name, why)];
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
