import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  validateAnnotations,
  validateLabels,
} from '@pilothouse/apimachinery';
import type { PersistentVolumeClaimTemplate } from '@pilothouse/api';
import { validatePersistentVolumeClaimSpec } from '../../persistent-volume-claim/claim-spec.ts';

const ALLOWED_META: ReadonlySet<string> = new Set(['annotations', 'labels', 'creationTimestamp']);

/** The template of a claim that lives and dies with its pod (an `ephemeral` volume). */
export function validatePersistentVolumeClaimTemplate(
  template: PersistentVolumeClaimTemplate,
  path: FieldPath,
): FieldError[] {
  const meta = template.metadata ?? {};
  const metaPath = path.child('metadata');
  const errors: FieldError[] = [
    ...validateAnnotations(meta.annotations, metaPath.child('annotations')),
    ...validateLabels(meta.labels, metaPath.child('labels')),
  ];
  for (const [field, value] of Object.entries(meta)) {
    if (!ALLOWED_META.has(field) && value) errors.push(forbiddenField(metaPath.child(field), 'cannot be set'));
  }
  return [...errors, ...validatePersistentVolumeClaimSpec(template.spec ?? {}, path.child('spec'))];
}
