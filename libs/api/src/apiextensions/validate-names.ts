import { invalidValue, isDNS1035Label, type FieldError, type FieldPath } from '@pilothouse/apimachinery';
import type { CustomResourceDefinitionNames } from '../generated/types.ts';

/** Of the spec and of the accepted names alike; what must be there is the spec's business. */
export function validateNames(names: CustomResourceDefinitionNames | undefined, path: FieldPath): FieldError[] {
  if (names === undefined) return [];
  const errors: FieldError[] = [];
  for (const field of ['plural', 'singular'] as const) {
    const name = names[field];
    if (name) errors.push(...labelErrors(name, name, path.child(field)));
  }
  for (const field of ['kind', 'listKind'] as const) {
    const name = names[field];
    if (name)
      errors.push(
        ...labelErrors(
          name,
          name.toLowerCase(),
          path.child(field),
          'may have mixed case, but should otherwise match: ',
        ),
      );
  }
  (names.shortNames ?? []).forEach((name, at) =>
    errors.push(...labelErrors(name, name, path.child('shortNames').index(at))),
  );
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalidValue(path.child('listKind'), names.listKind, 'kind and listKind may not be the same'));
  }
  (names.categories ?? []).forEach((name, at) =>
    errors.push(...labelErrors(name, name, path.child('categories').index(at))),
  );
  return errors;
}

function labelErrors(shown: string, label: string, path: FieldPath, prefix = ''): FieldError[] {
  const errors = isDNS1035Label(label);
  return errors.length > 0 ? [invalidValue(path, shown, prefix + errors.join(','))] : [];
}
