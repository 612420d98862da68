import {
  duplicate,
  invalidValue,
  required,
  schemaFieldPath,
  tooMany,
  type FieldError,
  type FieldPath,
  type JsonSchema,
} from '@pilothouse/apimachinery';
import type { SelectableField } from '../generated/types.ts';

const MAX_SELECTABLE_FIELDS = 8;
const SELECTABLE_TYPES: readonly (string | undefined)[] = ['string', 'boolean', 'integer'];

/** `allowsMany`: an update leaves them as they were, from before there was a limit. */
export function validateSelectableFields(
  fields: readonly SelectableField[],
  schema: unknown,
  path: FieldPath,
  allowsMany: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  fields.forEach(({ jsonPath }, at) => {
    const here = path.index(at).child('jsonPath');
    if (!jsonPath) {
      errors.push(required(here));
      return;
    }
    const found = schemaFieldPath(jsonPath, (schema ?? {}) as JsonSchema, { arrayNotation: false });
    if ('error' in found) {
      errors.push(invalidValue(here, jsonPath, `is an invalid path: ${found.error}`));
      return;
    }
    const text = found.path.join('.');
    if (found.path[0] === 'metadata') errors.push(invalidValue(here, jsonPath, 'must not point to fields in metadata'));
    if (!SELECTABLE_TYPES.includes(found.schema.type)) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalidValue(here, jsonPath, detail));
    }
    if (seen.has(text)) errors.push(duplicate(here, jsonPath));
    seen.add(text);
  });
  if (seen.size > MAX_SELECTABLE_FIELDS && !allowsMany) errors.push(tooMany(path, seen.size, MAX_SELECTABLE_FIELDS));
  return errors;
}
