import {
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Label,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { ReplicationController } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import {
  ageColumn,
  column,
  containerImagesCell,
  containerNamesCell,
  labelsCell,
  nameColumn,
} from '../printing/index.ts';
import { keepStored } from './keep-stored.ts';
import {
  defaultPodTemplateSpec,
  dropDisabledPodFields,
  validatePodTemplateSpec,
  warningsForPodTemplate,
} from './pod-spec/index.ts';
import { sortedMap } from './validation/internal-form.ts';
import { validateNonNegative } from './validation/numbers.ts';

const SPEC = fieldPath('spec');
const STATUS = fieldPath('status');
const COUNTS = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
] as const;

const wide = { wide: true };
const integer = { type: 'integer' };

export const replicationController: KindBehaviour<ReplicationController> = {
  group: '',
  kind: 'ReplicationController',
  storagePrefix: 'controllers',
  defaults: defaultReplicationController,
  columns: [
    nameColumn,
    column<ReplicationController>('Desired', ({ spec }) => spec?.replicas ?? 0, integer),
    column<ReplicationController>('Current', ({ status }) => status?.replicas ?? 0, integer),
    column<ReplicationController>('Ready', ({ status }) => status?.readyReplicas ?? 0, integer),
    ageColumn,
    column<ReplicationController>(
      'Containers',
      ({ spec }) => containerNamesCell(spec?.template?.spec?.containers),
      wide,
    ),
    column<ReplicationController>('Images', ({ spec }) => containerImagesCell(spec?.template?.spec?.containers), wide),
    column<ReplicationController>('Selector', ({ spec }) => labelsCell(spec?.selector), wide),
  ],
  strategy: {
    prepareForCreate: (each: ReplicationController) => {
      each.status = { replicas: 0 };
      if (each.spec?.template?.spec) dropDisabledPodFields(each.spec.template.spec);
    },
    prepareForUpdate: (next: ReplicationController, old: ReplicationController) => {
      keepStored(next, old, 'status');
      if (next.spec?.template?.spec) dropDisabledPodFields(next.spec.template.spec, old.spec?.template?.spec);
    },
    validate: validateSpec,
    validateUpdate: validateSpec,
    updateChecks: ['metadata', 'object', 'metadataUpdate', 'update'],
    warnings: (each: ReplicationController, old: ReplicationController | undefined) => {
      // Upstream warns of the template that was.
      if (old) {
        const changed = old.metadata.generation !== each.metadata.generation;
        return changed ? warningsForPodTemplate(old.spec?.template, SPEC.child('template')) : [];
      }
      const name = each.metadata.name ?? '';
      const problems = isDNS1123Label(name);
      return [
        ...(problems.length > 0
          ? [
              `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
            ]
          : []),
        ...warningsForPodTemplate(each.spec?.template, SPEC.child('template')),
      ];
    },
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
    defaultPropagation: 'Orphan',
    selectableFields: {
      'metadata.name': ({ metadata }: ReplicationController) => metadata.name ?? '',
      'metadata.namespace': ({ metadata }: ReplicationController) => metadata.namespace ?? '',
      'status.replicas': ({ status }: ReplicationController) => String(status?.replicas ?? 0),
    },
    exactFieldLabels: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: ReplicationController, old: ReplicationController) => keepStored(next, old, 'spec'),
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

/** The template's labels are the selector, and the controller's own labels, unless it says otherwise. */
function defaultReplicationController(each: ReplicationController): void {
  const spec = (each.spec ??= {});
  spec.replicas ??= 1;
  defaultPodTemplateSpec(spec.template);
  const labels = spec.template?.metadata?.labels;
  if (labels === undefined) return;
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
  if (Object.keys(each.metadata.labels ?? {}).length === 0) each.metadata.labels = { ...labels };
}

function validateSpec({ spec = {} }: ReplicationController): FieldError[] {
  const errors: FieldError[] = [];
  const selector = Object.entries(spec.selector ?? {});
  validateNonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors);
  if (selector.length === 0) errors.push(required(SPEC.child('selector')));
  if (spec.replicas === undefined) errors.push(required(SPEC.child('replicas')));
  else validateNonNegative(spec.replicas, SPEC.child('replicas'), errors);
  const template = spec.template;
  const path: FieldPath = SPEC.child('template');
  if (!template) {
    errors.push(required(path));
    return errors;
  }
  const labels = template.metadata?.labels ?? {};
  if (selector.some(([key, value]) => labels[key] !== value)) {
    const detail = '`selector` does not match template `labels`';
    errors.push(invalidValue(path.child('metadata', 'labels'), sortedMap(template.metadata?.labels), detail));
  }
  errors.push(...validatePodTemplateSpec(template, path));
  const restartPolicy = template.spec?.restartPolicy;
  if (restartPolicy !== 'Always') {
    errors.push(notSupported(path.child('spec', 'restartPolicy'), restartPolicy, ['Always']));
  }
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    const detail = 'activeDeadlineSeconds in ReplicationController is not Supported';
    errors.push(forbiddenField(path.child('spec', 'activeDeadlineSeconds'), detail));
  }
  return errors;
}

function validateStatus({ status = { replicas: 0 } }: ReplicationController): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of COUNTS) validateNonNegative(status[field], STATUS.child(field), errors);
  const { replicas = 0, fullyLabeledReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const atMost = (field: string, value: number, max: number, what: string): void => {
    if (value > max) errors.push(invalidValue(STATUS.child(field), value, `cannot be greater than ${what}`));
  };
  atMost('fullyLabeledReplicas', fullyLabeledReplicas, replicas, 'status.replicas');
  atMost('readyReplicas', readyReplicas, replicas, 'status.replicas');
  atMost('availableReplicas', availableReplicas, replicas, 'status.replicas');
  atMost('availableReplicas', availableReplicas, readyReplicas, 'readyReplicas');
  return errors;
}
