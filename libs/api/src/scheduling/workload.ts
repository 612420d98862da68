import {
  type FieldError,
  fieldPath,
  type FieldPath,
  isDNS1123Subdomain,
  isPathSegmentName,
  required,
  tooMany,
} from '@pilothouse/apimachinery';
import type { PodGroupTemplate, Workload } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, nameColumn } from '../printing/index.ts';
import {
  validateGroupTemplate,
  validateImmutableFields,
  validateNamed,
  validateShortName,
} from './validate-group-template.ts';

const SPEC = fieldPath('spec');
const TEMPLATES = SPEC.child('podGroupTemplates');
const MAX_TEMPLATES = 8;

/** What the pod groups of one application are made from (KEP-4671), alpha in 1.36. */
export const workload: KindBehaviour<Workload> = {
  group: 'scheduling.k8s.io',
  kind: 'Workload',
  columns: [nameColumn, ageColumn],
  strategy: {
    validate: validateWorkload,
    validateUpdate,
    allowUnconditionalUpdate: true,
  },
};

function validateWorkload({ spec: { controllerRef, podGroupTemplates } }: Workload): FieldError[] {
  const errors: FieldError[] = [];
  if (controllerRef) {
    const at = SPEC.child('controllerRef');
    const { apiGroup } = controllerRef;
    if (apiGroup) pushInvalid(errors, at.child('apiGroup'), apiGroup, isDNS1123Subdomain(apiGroup));
    for (const field of ['kind', 'name'] as const) {
      const value = controllerRef[field];
      if (!value) errors.push(required(at.child(field)));
      else pushInvalid(errors, at.child(field), value, isPathSegmentName(value));
    }
  }
  const templates = podGroupTemplates ?? [];
  if (templates.length === 0) errors.push(required(TEMPLATES));
  validateNamed(templates, MAX_TEMPLATES, TEMPLATES, errors, validateTemplate);
  return errors;
}

function validateTemplate(template: PodGroupTemplate, path: FieldPath, errors: FieldError[]): void {
  validateShortName(template.name, path.child('name'), errors);
  validateGroupTemplate(template, path, errors);
}

/** What is the same is not looked at again, and nothing else is allowed: only its length is said besides. */
function validateUpdate({ spec }: Workload, { spec: old }: Workload): FieldError[] {
  const errors = validateImmutableFields(spec, old, ['controllerRef', 'podGroupTemplates'], SPEC);
  if (errors.every(({ field }) => field !== String(TEMPLATES))) return errors;
  const { length } = spec.podGroupTemplates ?? [];
  if (length > MAX_TEMPLATES) errors.push(tooMany(TEMPLATES, length, MAX_TEMPLATES));
  if (length === 0) errors.push(required(TEMPLATES));
  return errors;
}
