import {
  deepEqual,
  duplicate,
  type FieldError,
  fieldPath,
  invalidValue,
  notSupported,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { CSIDriver } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, NONE, UNSET } from '../printing/index.ts';

const SPEC = fieldPath('spec');
const FS_GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral'];
const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;
const MIN_UPDATE_PERIOD_SECONDS = 10;
const boolean = { type: 'boolean' };

export const csiDriver: KindBehaviour<CSIDriver> = {
  group: 'storage.k8s.io',
  kind: 'CSIDriver',
  defaults: ({ spec }) => {
    if (!spec) return;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  columns: [
    nameColumn,
    column<CSIDriver>('AttachRequired', ({ spec }) => spec.attachRequired ?? true, boolean),
    column<CSIDriver>('PodInfoOnMount', ({ spec }) => spec.podInfoOnMount ?? false, boolean),
    column<CSIDriver>('StorageCapacity', ({ spec }) => spec.storageCapacity ?? false, boolean),
    column<CSIDriver>('TokenRequests', ({ spec }) =>
      spec.tokenRequests ? spec.tokenRequests.map(({ audience }) => audience).join(',') : UNSET,
    ),
    column<CSIDriver>('RequiresRepublish', ({ spec }) => spec.requiresRepublish ?? false, boolean),
    column<CSIDriver>('Modes', ({ spec }) => spec.volumeLifecycleModes?.join(',') || NONE),
    ageColumn,
  ],
  strategy: {
    // VolumeLimitScaling is alpha: what is not in use yet cannot be used.
    prepareForCreate: ({ spec }: CSIDriver) => {
      delete spec.preventPodSchedulingIfMissing;
    },
    // There is no generation before the first change.
    prepareForUpdate: (next: CSIDriver, old: CSIDriver) => {
      if (old.spec.preventPodSchedulingIfMissing === undefined) delete next.spec.preventPodSchedulingIfMissing;
      if (!deepEqual(next.spec, old.spec)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
    validate: validateDriver,
    validateUpdate: (next: CSIDriver, old: CSIDriver) => [
      ...validateDriver(next),
      ...validateImmutableField(next.spec.attachRequired, old.spec.attachRequired, SPEC.child('attachedRequired')),
      ...validateImmutableField(
        next.spec.volumeLifecycleModes,
        old.spec.volumeLifecycleModes,
        SPEC.child('volumeLifecycleModes'),
      ),
    ],
    warnings: tokenWarnings,
    allowUnconditionalUpdate: false,
    deleteReturnsObject: true,
  },
};

/** Tokens that are asked for anew should not end up in logs. */
function tokenWarnings({ spec }: CSIDriver, old: CSIDriver | undefined): string[] {
  const { tokenRequests = [], serviceAccountTokenInSecrets } = spec;
  if (tokenRequests.length === 0 || serviceAccountTokenInSecrets !== undefined) return [];
  if (old && deepEqual(tokenRequests, old.spec.tokenRequests)) return [];
  return [
    `${SPEC.child('serviceAccountTokenInSecrets')} is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes`,
  ];
}

function validateDriver({ spec }: CSIDriver): FieldError[] {
  const errors: FieldError[] = [];
  const { fsGroupPolicy, nodeAllocatableUpdatePeriodSeconds: period } = spec;
  if (spec.attachRequired === undefined) errors.push(required(SPEC.child('attachedRequired')));
  if (spec.podInfoOnMount === undefined) errors.push(required(SPEC.child('podInfoOnMount')));
  if (spec.storageCapacity === undefined) errors.push(required(SPEC.child('storageCapacity')));
  if (fsGroupPolicy !== undefined && !FS_GROUP_POLICIES.includes(fsGroupPolicy)) {
    errors.push(notSupported(SPEC.child('fsGroupPolicy'), fsGroupPolicy, FS_GROUP_POLICIES));
  }
  validateTokenRequests(spec, errors);
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (!LIFECYCLE_MODES.includes(mode))
      errors.push(notSupported(SPEC.child('volumeLifecycleModes'), mode, LIFECYCLE_MODES));
  }
  if (spec.seLinuxMount === undefined) errors.push(required(SPEC.child('seLinuxMount')));
  if (period !== undefined && period < MIN_UPDATE_PERIOD_SECONDS) {
    const problem = `must be greater than or equal to ${MIN_UPDATE_PERIOD_SECONDS} seconds`;
    errors.push(invalidValue(SPEC.child('nodeAllocatableUpdatePeriodSeconds'), period, problem));
  }
  const inSecrets = spec.serviceAccountTokenInSecrets;
  if (inSecrets !== undefined && !spec.tokenRequests?.length) {
    const problem = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
    errors.push(invalidValue(SPEC.child('serviceAccountTokenInSecrets'), inSecrets, problem));
  }
  return errors;
}

function validateTokenRequests({ tokenRequests = [] }: CSIDriver['spec'], errors: FieldError[]): void {
  const audiences = new Set<string>();
  tokenRequests.forEach(({ audience, expirationSeconds: seconds }, index) => {
    const at = SPEC.child('tokenRequests').index(index);
    if (audiences.has(audience)) {
      errors.push(duplicate(at.child('audience'), audience));
      return;
    }
    audiences.add(audience);
    if (seconds === undefined) return;
    const complain = (problem: string): void =>
      void errors.push(invalidValue(at.child('expirationSeconds'), seconds, problem));
    if (seconds < MIN_TOKEN_SECONDS) complain('may not specify a duration less than 10 minutes');
    if (seconds > MAX_TOKEN_SECONDS) complain('may not specify a duration larger than 2^32 seconds');
  });
}
