import {
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
  warningsForPodTemplate,
} from '../core/pod-spec/index.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { nonNegative, SPEC, TEMPLATE, validateSelector, validateTemplate, workloadColumns } from './workload.ts';

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
    },
    prepareForUpdate: (next: StatefulSet, old: StatefulSet) => keepStored(next, old, 'status'),
    validate: validateSpec,
    validateUpdate: (next: StatefulSet, old: StatefulSet) => [...validateSpec(next), ...validateOnlyMutable(next, old)],
    warnings: (each: StatefulSet) => [
      ...warningsForPodTemplate(each.spec?.template, TEMPLATE),
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
  spec.podManagementPolicy ??= 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  if (!strategy.type) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ??= 'Retain';
  retention.whenScaled ??= 'Retain';
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

function validateSpec({ spec }: StatefulSet): FieldError[] {
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
  );
  errors.push(
    ...nonNegative(spec.replicas, SPEC.child('replicas')),
    ...nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds')),
  );
  errors.push(...nonNegative(spec.ordinals?.start, SPEC.child('ordinals', 'start')));
  errors.push(
    ...validateSelector(spec.selector, 'statefulset'),
    ...validateTemplate(withClaimVolumes(spec), spec.selector, 'StatefulSet'),
  );
  if (spec.serviceName) {
    for (const problem of isDNS1123Label(spec.serviceName))
      errors.push(invalidValue(SPEC.child('serviceName'), spec.serviceName, problem));
  }
  return errors;
}

function validateStrategy(strategy: NonNullable<StatefulSet['spec']['updateStrategy']>): FieldError[] {
  const path = STRATEGY.child('rollingUpdate');
  switch (strategy.type) {
    case undefined:
    case '':
      return [required(STRATEGY)];
    case 'OnDelete':
      return strategy.rollingUpdate
        ? [invalidValue(path, strategy.rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
        : [];
    case 'RollingUpdate': {
      const { partition, maxUnavailable } = strategy.rollingUpdate ?? {};
      const errors = nonNegative(partition, path.child('partition'));
      if (maxUnavailable !== undefined) {
        const field = path.child('maxUnavailable');
        errors.push(
          ...validatePositiveIntOrPercent(maxUnavailable, field),
          ...validateNotMoreThan100Percent(maxUnavailable, field),
        );
        if (maxUnavailable === 0 || maxUnavailable === '0%')
          errors.push(invalidValue(field, maxUnavailable, 'cannot be 0'));
      }
      return errors;
    }
    default:
      return [invalidValue(STRATEGY, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function validateRetention(
  policy: NonNullable<StatefulSet['spec']['persistentVolumeClaimRetentionPolicy']>,
): FieldError[] {
  const path = SPEC.child('persistentVolumeClaimRetentionPolicy');
  return (['whenDeleted', 'whenScaled'] as const).flatMap((name) =>
    policy[name] === 'Retain' || policy[name] === 'Delete'
      ? []
      : [notSupported(path.child(name), policy[name], ['Delete', 'Retain'])],
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

function validateStatus({ status }: StatefulSet): FieldError[] {
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
  return errors;
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
