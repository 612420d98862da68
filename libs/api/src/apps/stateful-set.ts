import {
  bareIntOrPercent,
  deepEqual,
  type FieldError,
  fieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Label,
  nameIsDNSLabel,
  notSupported,
  required,
  validateNotMoreThan100Percent,
  validatePositiveIntOrPercent,
} from '@pilothouse/apimachinery';
import type { StatefulSet } from '@pilothouse/api';
import { keepStored } from '../core/keep-stored.ts';
import {
  defaultPersistentVolumeClaimSpec,
  defaultPodTemplateSpec,
  validatePersistentVolumeClaimSpec,
  validatePodTemplateSpec,
} from '../core/pod-spec/index.ts';
import type { KindBehaviour } from '../kind.ts';
import { internalForm } from '../meta/internal-form.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import {
  dropDisabledTemplateFields,
  nonNegative,
  parseSelector,
  SELECTOR,
  SPEC,
  TEMPLATE,
  templateWarnings,
  validateCollisionCount,
  validateIsSelected,
  validateRunsForever,
  validateSelector,
  workloadColumns,
} from './workload.ts';

const STATUS = fieldPath('status');
const STRATEGY = SPEC.child('updateStrategy');

export const statefulSet: KindBehaviour<StatefulSet> = {
  group: 'apps',
  kind: 'StatefulSet',
  defaults: defaultStatefulSet,
  columns: [
    nameColumn,
    column<StatefulSet>('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
    ageColumn,
    ...workloadColumns,
  ],
  strategy: {
    prepareForCreate: (each: StatefulSet) => {
      each.status = { replicas: 0, availableReplicas: 0 };
      dropDisabledFields(each);
    },
    prepareForUpdate: (next: StatefulSet, old: StatefulSet) => {
      keepStored(next, old, 'status');
      dropDisabledFields(next, old);
    },
    validate: (each: StatefulSet) => validateSpec(each, { isNew: true, skipsTemplate: false }),
    validateUpdate: (next: StatefulSet, old: StatefulSet) => {
      // Templates were not looked at before 1.34: what is invalid already must not keep the rest from changing.
      const skipsTemplate = validateSpec(old, { isNew: false, skipsTemplate: false }).length > 0;
      return [...validateSpec(next, { isNew: false, skipsTemplate }), ...validateOnlyMutable(next, old)];
    },
    warnings: (each: StatefulSet, old: StatefulSet | undefined) => [
      ...templateWarnings(each, old),
      ...(each.spec?.revisionHistoryLimit !== undefined && each.spec.revisionHistoryLimit < 0
        ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
        : []),
    ],
    validateName: (name, prefix) => nameIsDNSLabel(name, prefix),
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: StatefulSet, old: StatefulSet) => keepStored(next, old, 'spec'),
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

function defaultStatefulSet({ spec }: StatefulSet): void {
  if (!spec) return;
  spec.podManagementPolicy ||= 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  if (!strategy.type) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ||= 'Retain';
  retention.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  defaultPodTemplateSpec(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.kind = 'PersistentVolumeClaim';
    claim.apiVersion = 'v1';
    claim.status = { ...claim.status, phase: claim.status?.phase ?? 'Pending' };
    defaultPersistentVolumeClaimSpec(claim.spec);
  }
}

/** MaxUnavailableStatefulSet is beta but off in 1.36. */
function dropDisabledFields(next: StatefulSet, old?: StatefulSet): void {
  dropDisabledTemplateFields(next, old);
  const rolling = next.spec?.updateStrategy?.rollingUpdate;
  if (rolling && old?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) delete rolling.maxUnavailable;
}

interface SpecOptions {
  /** What cannot change any more is looked at only once. */
  readonly isNew: boolean;
  readonly skipsTemplate: boolean;
}

function validateSpec({ spec }: StatefulSet, { isNew, skipsTemplate }: SpecOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.podManagementPolicy !== 'OrderedReady' && spec.podManagementPolicy !== 'Parallel') {
    const path = SPEC.child('podManagementPolicy');
    errors.push(
      spec.podManagementPolicy
        ? invalidValue(path, spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'")
        : required(path),
    );
  }
  errors.push(
    ...validateStrategy(spec.updateStrategy ?? {}),
    ...validateRetention(spec.persistentVolumeClaimRetentionPolicy ?? {}),
    ...(isNew ? validateClaimTemplates(spec) : []),
    ...nonNegative(spec.replicas, SPEC.child('replicas')),
    ...nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds')),
    ...nonNegative(spec.ordinals?.start, SPEC.child('ordinals', 'start')),
  );
  if (isNew && spec.serviceName) {
    for (const problem of isDNS1123Label(spec.serviceName))
      errors.push(invalidValue(SPEC.child('serviceName'), spec.serviceName, problem));
  }
  return [...errors, ...validateSelector(spec.selector, 'statefulset'), ...validateTemplate(spec, skipsTemplate)];
}

function validateClaimTemplates({ volumeClaimTemplates = [] }: StatefulSet['spec']): FieldError[] {
  const path = SPEC.child('volumeClaimTemplates');
  return volumeClaimTemplates.flatMap((claim, index) =>
    validatePersistentVolumeClaimSpec(claim.spec ?? {}, path.index(index).child('spec')),
  );
}

function validateTemplate(spec: StatefulSet['spec'], skips: boolean): FieldError[] {
  const selector = parseSelector(spec.selector);
  const errors: FieldError[] = [];
  if (!selector) errors.push(invalidValue(SELECTOR, spec.selector, ''));
  else {
    errors.push(...validateIsSelected(spec.template, selector));
    if (!skips) errors.push(...validatePodTemplateSpec(withClaimVolumes(spec), TEMPLATE));
  }
  return [...errors, ...validateRunsForever(spec.template, 'StatefulSet')];
}

function validateStrategy(strategy: NonNullable<StatefulSet['spec']['updateStrategy']>): FieldError[] {
  const path = STRATEGY.child('rollingUpdate');
  switch (strategy.type) {
    case undefined:
    case '':
      return [required(STRATEGY)];
    case 'OnDelete':
      return strategy.rollingUpdate
        ? [invalidValue(path, internalRolling(strategy), "only allowed for updateStrategy 'RollingUpdate'")]
        : [];
    case 'RollingUpdate': {
      const { partition, maxUnavailable } = strategy.rollingUpdate ?? {};
      const errors = nonNegative(partition, path.child('partition'));
      if (maxUnavailable !== undefined) {
        const field = path.child('maxUnavailable');
        errors.push(
          ...validatePositiveIntOrPercent(maxUnavailable, field),
          ...(bareIntOrPercent(maxUnavailable) === 0 ? [invalidValue(field, maxUnavailable, 'cannot be 0')] : []),
          ...validateNotMoreThan100Percent(maxUnavailable, field),
        );
      }
      return errors;
    }
    default:
      return [
        invalidValue(
          STRATEGY,
          { Type: strategy.type, RollingUpdate: internalRolling(strategy) },
          "must be 'RollingUpdate' or 'OnDelete'",
        ),
      ];
  }
}

/** The partition is no pointer in the internal type. */
const internalRolling = ({ rollingUpdate }: NonNullable<StatefulSet['spec']['updateStrategy']>): object | null =>
  internalForm('apps.v1.RollingUpdateStatefulSetStrategy', rollingUpdate && { partition: 0, ...rollingUpdate });

function validateRetention(
  policy: NonNullable<StatefulSet['spec']['persistentVolumeClaimRetentionPolicy']>,
): FieldError[] {
  const path = SPEC.child('persistentVolumeClaimRetentionPolicy');
  return (['whenDeleted', 'whenScaled'] as const).flatMap((name) =>
    policy[name] === 'Retain' || policy[name] === 'Delete'
      ? []
      : [notSupported(path.child(name), policy[name] ?? '', ['Retain', 'Delete'])],
  );
}

const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

function validateOnlyMutable(next: StatefulSet, old: StatefulSet): FieldError[] {
  const withoutMutable = ({ spec }: StatefulSet): object => {
    const rest: Record<string, unknown> = { ...spec };
    for (const name of MUTABLE) delete rest[name];
    return rest;
  };
  if (deepEqual(withoutMutable(next), withoutMutable(old))) return [];
  const names = MUTABLE.map((name) => `'${name}'`);
  return [
    forbiddenField(
      SPEC,
      `updates to statefulset spec for fields other than ${names.slice(0, -1).join(', ')} and ${names.at(-1)} are forbidden`,
    ),
  ];
}

function validateStatus({ status }: StatefulSet, old: StatefulSet): FieldError[] {
  const errors: FieldError[] = (
    [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ] as const
  ).flatMap((name) => nonNegative(status?.[name], STATUS.child(name)));
  for (const name of ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const) {
    if ((status?.[name] ?? 0) > (status?.replicas ?? 0))
      errors.push(invalidValue(STATUS.child(name), status?.[name] ?? 0, 'cannot be greater than status.replicas'));
  }
  if ((status?.availableReplicas ?? 0) > (status?.readyReplicas ?? 0)) {
    errors.push(
      invalidValue(
        STATUS.child('availableReplicas'),
        status?.availableReplicas,
        'cannot be greater than status.readyReplicas',
      ),
    );
  }
  return [...errors, ...validateCollisionCount(status?.collisionCount, old.status?.collisionCount)];
}

/** The template as its pods will have it: claim templates are volumes too, which containers may mount. */
function withClaimVolumes({
  template,
  volumeClaimTemplates = [],
}: StatefulSet['spec']): StatefulSet['spec']['template'] {
  if (!template?.spec || volumeClaimTemplates.length === 0) return template;
  const claims = volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata.name ?? '',
    persistentVolumeClaim: { claimName: metadata.name ?? '' },
  }));
  const own = (template.spec.volumes ?? []).filter((volume) => !claims.some(({ name }) => name === volume.name));
  return { ...template, spec: { ...template.spec, volumes: [...own, ...claims] } };
}
