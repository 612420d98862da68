import {
  type FieldError,
  fieldPath,
  invalidValue,
  IS_NEGATIVE,
  type KubeObject,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { StorageVersionMigration } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { column } from '../printing/index.ts';

const SPEC = fieldPath('spec');
const STATUS = fieldPath('status');
const CONDITIONS = STATUS.child('conditions');
const STATES = ['Running', 'Failed', 'Succeeded'];

/** The wish that all objects of a resource be rewritten in its storage version. */
export const storageVersionMigration: KindBehaviour<StorageVersionMigration> = {
  group: 'storagemigration.k8s.io',
  kind: 'StorageVersionMigration',
  columns: [
    column<KubeObject>('Name', ({ metadata }) => metadata?.name ?? ''),
    column<StorageVersionMigration>('Resource', ({ spec: { resource } }) =>
      resource?.group ? `${resource.resource}.${resource.group}` : (resource?.resource ?? ''),
    ),
    column<StorageVersionMigration>('Status', ({ status }) => {
      const holding = (status?.conditions ?? []).filter((each) => STATES.includes(each.type) && each.status === 'True');
      return holding.at(-1)?.type ?? 'Unknown';
    }),
  ],
  strategy: {
    validate: validateMigration,
    validateUpdate: (next: StorageVersionMigration, old: StorageVersionMigration) => [
      ...validateMigration(next),
      ...validateImmutableField(next.spec.resource, old.spec.resource, SPEC.child('resource')),
    ],
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
  subresources: { status: { strategy: { validateUpdate: validateStatusUpdate } } },
};

function validateMigration({ spec }: StorageVersionMigration): FieldError[] {
  return spec.resource?.resource ? [] : [required(SPEC.child('resource', 'resource'), 'resource is required')];
}

const holds = ({ status }: StorageVersionMigration, type: string): boolean =>
  status?.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;

/** Success and failure are final, and exclude each other and running. */
function validateStatusUpdate(next: StorageVersionMigration, old: StorageVersionMigration): FieldError[] {
  const errors: FieldError[] = [];
  const version = next.status?.resourceVersion ?? '';
  const before = old.status?.resourceVersion ?? '';
  const at = STATUS.child('resourceVersion');
  const conditions = next.status?.conditions ?? [];
  const complain = (problem: string): void => void errors.push(invalidValue(CONDITIONS, conditions, problem));
  if (!/^-?\d*$/.test(version)) {
    const why = `strconv.ParseInt: parsing ${JSON.stringify(version)}: invalid syntax`;
    errors.push(invalidValue(at, version, `failed to parse resource version ${JSON.stringify(version)}: ${why}`));
  } else if (version.startsWith('-')) errors.push(invalidValue(at, Number(version), IS_NEGATIVE));
  validateConditions(conditions, CONDITIONS, errors);
  if (before && before !== version) errors.push(invalidValue(at, version, 'resourceVersion cannot be updated'));
  const [succeeded, failed, running] = [holds(next, 'Succeeded'), holds(next, 'Failed'), holds(next, 'Running')];
  if (succeeded && failed) complain('Both success and failed conditions cannot be true at the same time');
  if (succeeded && running) complain('Running condition cannot be true when success condition is true');
  if (failed && running) complain('Running condition cannot be true when failed condition is true');
  if (holds(old, 'Succeeded') && !succeeded) complain('Success condition cannot be set to false once it is true');
  if (holds(old, 'Failed') && !failed) complain('Failed condition cannot be set to false once it is true');
  return errors;
}
