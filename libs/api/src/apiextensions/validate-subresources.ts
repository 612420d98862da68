import { invalidValue, required, type FieldError, type FieldPath } from '@pilothouse/apimachinery';
import type { CustomResourceSubresources } from '../generated/types.ts';

export function validateSubresources({ scale }: CustomResourceSubresources, path: FieldPath): FieldError[] {
  if (scale === undefined) return [];
  const errors: FieldError[] = [];
  for (const [field, parent] of [
    ['specReplicasPath', '.spec.'],
    ['statusReplicasPath', '.status.'],
  ] as const) {
    const at = path.child(`scale.${field}`);
    const value = scale[field];
    if (!value) errors.push(required(at));
    else errors.push(...pathErrors(value, at, [parent], `should be a json path under ${parent.slice(0, -1)}`));
  }
  if (scale.labelSelectorPath) {
    const at = path.child('scale.labelSelectorPath');
    errors.push(
      ...pathErrors(
        scale.labelSelectorPath,
        at,
        ['.spec.', '.status.'],
        'should be a json path under either .spec or .status',
      ),
    );
  }
  return errors;
}

function pathErrors(value: string, path: FieldPath, parents: readonly string[], detail: string): FieldError[] {
  const errors = simpleJsonPathErrors(value, path);
  if (errors.length > 0) return errors;
  return parents.some((parent) => value.startsWith(parent)) ? [] : [invalidValue(path, value, detail)];
}

export function simpleJsonPathErrors(value: string, path: FieldPath): FieldError[] {
  if (value === '') return [invalidValue(path, value, 'must not be empty')];
  return value.startsWith('.') ? [] : [invalidValue(path, value, 'must be a simple json path starting with .')];
}
