import { fieldPath, invalidValue, type FieldError } from '@pilothouse/apimachinery';
import type { CustomResourceDefinition } from '../generated/types.ts';

/** How an empty list of Go prints in a message. */
const EMPTY = { toJSON: () => null };

/** A version that objects may still be stored in must stay, or they could not be read. */
export function validateStoredVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const path = fieldPath('status', 'storedVersions');
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0)
    return [invalidValue(path, status?.storedVersions ?? EMPTY, 'must have at least one stored version')];
  const versions = spec.versions ?? [];
  const errors = versions
    .filter((version) => version.storage && !stored.includes(version.name))
    .map((version) => invalidValue(path, stored, `must have the storage version ${version.name}`));
  stored.forEach((name, at) => {
    if (versions.some((version) => version.name === name)) return;
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalidValue(path.index(at), name, why));
  });
  return errors;
}
