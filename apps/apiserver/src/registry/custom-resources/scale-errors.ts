import { FieldError, goFormat, goType, isJsonObject, type KubeObject } from '@pilothouse/apimachinery';
import type { CustomResourceSubresourceScale } from '@pilothouse/api';

const MAX_REPLICAS = 2 ** 31 - 1;

/** What the scale subresource reads must be there in the right form, however the object is written. */
export function specScaleErrors(object: KubeObject, scale: CustomResourceSubresourceScale): FieldError[] {
  return replicaErrors(object, scale.specReplicasPath ?? '');
}

export function statusScaleErrors(object: KubeObject, scale: CustomResourceSubresourceScale): FieldError[] {
  const { statusReplicasPath = '', labelSelectorPath } = scale;
  const errors = replicaErrors(object, statusReplicasPath);
  if (labelSelectorPath === undefined) return errors;
  const selector = fieldAt(object, labelSelectorPath, 'string');
  return 'error' in selector ? [...errors, invalid(labelSelectorPath, '', selector.error)] : errors;
}

function replicaErrors(object: KubeObject, path: string): FieldError[] {
  const replicas = fieldAt(object, path, 'int64');
  if ('error' in replicas) return [invalid(path, 0, replicas.error)];
  const count = replicas.value as number;
  if (count < 0) return [invalid(path, count, 'should be a non-negative integer')];
  return count > MAX_REPLICAS ? [invalid(path, count, `should be less than or equal to ${MAX_REPLICAS}`)] : [];
}

const invalid = (path: string, value: unknown, detail: string): FieldError =>
  new FieldError('FieldValueInvalid', path, value, detail);

/** A field that is missing has its type's zero. Upstream: unstructured.NestedInt64, NestedString. */
function fieldAt(object: KubeObject, path: string, type: 'int64' | 'string'): { value: unknown } | { error: string } {
  const steps = path.split('.').slice(1);
  let value: unknown = object;
  for (const [at, step] of steps.entries()) {
    if (value === null || value === undefined) return { value: 0 };
    if (!isJsonObject(value)) return accessorError(steps.slice(0, at + 1), value, 'map[string]interface{}');
    if (!Object.hasOwn(value, step)) return { value: 0 };
    value = value[step];
  }
  return value !== null && goType(value) === type ? { value } : accessorError(steps, value, type);
}

function accessorError(steps: readonly string[], value: unknown, expected: string): { error: string } {
  const type = value === null ? '<nil>' : goType(value);
  return {
    error: `.${steps.join('.')} accessor error: ${goFormat(value)} is of the type ${type}, expected ${expected}`,
  };
}
