import {
  type FieldError,
  fieldPath,
  invalidValue,
  isConfigMapKey,
  isQualifiedName,
  notSupported,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { LeaseCandidate } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

const SPEC = fieldPath('spec');
const OLDEST = 'OldestEmulationVersion';
const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** One who would take a lease, for leader election by version (KEP-4355). */
export const leaseCandidate: KindBehaviour<LeaseCandidate> = {
  group: 'coordination.k8s.io',
  kind: 'LeaseCandidate',
  storagePrefix: 'leasecandidates',
  columns: [
    nameColumn,
    column<LeaseCandidate>('LeaseName', ({ spec }) => spec.leaseName),
    column<LeaseCandidate>('BinaryVersion', ({ spec }) => spec.binaryVersion),
    column<LeaseCandidate>('EmulationVersion', ({ spec }) => spec.emulationVersion ?? ''),
    ageColumn,
  ],
  strategy: {
    validate: validateCandidate,
    validateUpdate: (next: LeaseCandidate, old: LeaseCandidate) => [
      ...validateCandidate(next),
      ...validateImmutableField(next.spec.leaseName, old.spec.leaseName, SPEC.child('leaseName')),
    ],
    validateName: (name) => isConfigMapKey(name),
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  },
};

function validateCandidate({ spec }: LeaseCandidate): FieldError[] {
  const errors: FieldError[] = [];
  const { leaseName, binaryVersion = '', emulationVersion = '', strategy = '' } = spec;
  if (!leaseName) errors.push(required(SPEC.child('leaseName')));
  const emulation = SEMVER.exec(emulationVersion);
  const binary = SEMVER.exec(binaryVersion);
  if (emulationVersion && !emulation)
    errors.push(invalidValue(SPEC.child('emulationVersion'), emulationVersion, 'must be a valid semantic version'));
  if (binaryVersion && !binary)
    errors.push(invalidValue(SPEC.child('binaryVersion'), binaryVersion, 'must be a valid semantic version'));
  if (binary && emulation && isOlder(binary, emulation)) {
    errors.push(
      invalidValue(SPEC.child('binaryVersion'), binaryVersion, 'must be greater than or equal to `emulationVersion`'),
    );
  }
  if (!strategy) errors.push(required(SPEC.child('strategy')));
  else if (strategy.includes('/')) pushInvalid(errors, SPEC.child('strategy'), strategy, isQualifiedName(strategy));
  else if (strategy !== OLDEST) errors.push(notSupported(SPEC.child('strategy'), strategy, [OLDEST]));
  if (strategy !== OLDEST) return errors;
  if (!binaryVersion)
    errors.push(required(SPEC.child('binaryVersion'), `must be specified when \`strategy\` is '${OLDEST}'`));
  if (!emulationVersion)
    errors.push(required(SPEC.child('emulationVersion'), `must be specified when \`strategy\` is '${OLDEST}'`));
  return errors;
}

/** By major, minor and patch; a pre-release is older than its release. */
function isOlder(a: RegExpExecArray, b: RegExpExecArray): boolean {
  for (const part of [1, 2, 3]) {
    const difference = Number(a[part]) - Number(b[part]);
    if (difference !== 0) return difference < 0;
  }
  return a[4] !== undefined && b[4] === undefined;
}
