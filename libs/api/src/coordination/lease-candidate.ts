import {
  type FieldError,
  fieldPath,
  invalidValue,
  isConfigMapKey,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { LeaseCandidate } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { OLDEST, validateLeaseStrategy } from './lease-strategy.ts';

const SPEC = fieldPath('spec');
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
  if (!binaryVersion) errors.push(required(SPEC.child('binaryVersion')));
  else if (!binary)
    errors.push(invalidValue(SPEC.child('binaryVersion'), binaryVersion, 'must be a valid semantic version'));
  // What is no version counts as 0.0.0.
  if (binaryVersion && emulationVersion && isOlder(binary ?? ZERO, emulation ?? ZERO)) {
    errors.push(
      invalidValue(SPEC.child('binaryVersion'), binaryVersion, 'must be greater than or equal to `emulationVersion`'),
    );
  }
  if (!strategy) return [...errors, required(SPEC.child('strategy'))];
  if (strategy === OLDEST && !isOlder(ZERO, emulation ?? ZERO)) {
    const problem = `must be specified when \`strategy\` is '${OLDEST}'`;
    errors.push(required(SPEC.child('emulationVersion'), problem));
  }
  validateLeaseStrategy(strategy, SPEC.child('strategy'), errors);
  return errors;
}

type Version = RegExpExecArray | readonly (string | undefined)[];

const ZERO: Version = ['', '0', '0', '0'];

/** By major, minor and patch; a pre-release is older than its release. */
function isOlder(a: Version, b: Version): boolean {
  for (const part of [1, 2, 3]) {
    const difference = Number(a[part]) - Number(b[part]);
    if (difference !== 0) return difference < 0;
  }
  return a[4] !== undefined && b[4] === undefined;
}
