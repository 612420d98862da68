import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  type ObjectMeta,
  validateAnnotations,
  validateLabels,
} from '@pilothouse/apimachinery';
import type { PersistentVolumeClaimTemplate } from '@pilothouse/api';
import { validatePersistentVolumeClaimSpec } from '../../persistent-volume-claim/claim-spec.ts';

/** Only labels and annotations are used; the rest would only confuse. In upstream's order, and under its names. */
const FORBIDDEN_META: readonly (readonly [field: keyof ObjectMeta, name: string])[] = [
  ['name', 'name'],
  ['generateName', 'generateName'],
  ['namespace', 'namespace'],
  ['selfLink', 'selfLink'],
  ['uid', 'uID'],
  ['resourceVersion', 'resourceVersion'],
  ['generation', 'generation'],
  ['creationTimestamp', 'creationTimestamp'],
  ['deletionTimestamp', 'deletionTimestamp'],
  ['deletionGracePeriodSeconds', 'deletionGracePeriodSeconds'],
  ['ownerReferences', 'ownerReferences'],
  ['finalizers', 'finalizers'],
  ['managedFields', 'managedFields'],
];

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
  for (const [field, name] of FORBIDDEN_META) {
    if (meta[field]) errors.push(forbiddenField(metaPath.child(name), 'cannot be set'));
  }
  return [...errors, ...validatePersistentVolumeClaimSpec(template.spec ?? {}, path.child('spec'))];
}
