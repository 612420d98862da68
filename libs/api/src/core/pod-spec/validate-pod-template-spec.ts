import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  validateAnnotations,
  validateLabels,
} from '@pilothouse/apimachinery';
import type { PodTemplateSpec } from '@pilothouse/api';
import { validateAppArmorMatches, validatePodAnnotations, validateSeccompMatches } from './pod-annotations.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import { validatePodSpec } from './validate-pod-spec.ts';

/**
 * A pod template, wherever it stands. `path` is that of the template: `spec.template`, `template` …
 *
 * Some rules of Pods do not hold here, so that workloads written for older releases can still be updated.
 */
export function validatePodTemplateSpec(
  template: PodTemplateSpec,
  path: FieldPath,
  options: PodValidationOptions = {},
): FieldError[] {
  const meta = template.metadata ?? {};
  const spec = template.spec ?? { containers: [] };
  const specPath = path.child('spec');
  const errors: FieldError[] = [
    ...validateLabels(meta.labels, path.child('labels')),
    ...validateAnnotations(meta.annotations, path.child('annotations')),
  ];
  validatePodAnnotations(meta.annotations, spec, path.child('annotations'), errors);
  errors.push(...validatePodSpec(spec, specPath, options));
  validateSeccompMatches(meta.annotations, spec, specPath, errors);
  validateAppArmorMatches(meta.annotations, spec, specPath, errors);
  if (spec.ephemeralContainers?.length) {
    errors.push(
      forbiddenField(specPath.child('ephemeralContainers'), 'ephemeral containers not allowed in pod template'),
    );
  }
  return errors;
}
