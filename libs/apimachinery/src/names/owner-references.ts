import type { OwnerReference } from '../meta/object.ts';
import { parseApiVersion } from '../meta/group-version.ts';
import { type FieldError, type FieldPath, invalidValue } from '../validation/field-error.ts';

export function validateOwnerReferences(references: readonly OwnerReference[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let controller = '';
  for (const reference of references) {
    errors.push(...validateOwnerReference(reference, path));
    if (!reference.controller) continue;
    const current = `${reference.kind}/${reference.name}`;
    if (controller === '') controller = current;
    else {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`;
      errors.push(invalidValue(path, references, why));
    }
  }
  return errors;
}

function validateOwnerReference(reference: OwnerReference, path: FieldPath): FieldError[] {
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
  const errors: FieldError[] = [];
  // Upstream cannot parse more than one slash and takes such an apiVersion for empty.
  const { group, version } =
    apiVersion.split('/').length > 2 ? { group: '', version: '' } : parseApiVersion(apiVersion);
  if (version === '') errors.push(invalidValue(path.child('apiVersion'), apiVersion, 'version must not be empty'));
  if (kind === '') errors.push(invalidValue(path.child('kind'), kind, 'must not be empty'));
  if (name === '') errors.push(invalidValue(path.child('name'), name, 'must not be empty'));
  if (uid === '') errors.push(invalidValue(path.child('uid'), uid, 'must not be empty'));
  // Events come and go by the thousand: nothing may live as long as one.
  if (group === '' && version === 'v1' && kind === 'Event') {
    errors.push(invalidValue(path, reference, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}
