import {
  duplicate,
  type FieldError,
  fieldPath,
  isDNS1123Label,
  isDNS1123Subdomain,
  isPathSegmentName,
  required,
  tooMany,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { Workload } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, nameColumn } from '../printing/index.ts';
import { validateGroupTemplate } from './validate-group-template.ts';

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
    validateUpdate: (next: Workload, old: Workload) => [
      ...validateWorkload(next),
      ...validateImmutableField(next.spec.podGroupTemplates, old.spec.podGroupTemplates, TEMPLATES),
      ...(old.spec.controllerRef
        ? validateImmutableField(next.spec.controllerRef, old.spec.controllerRef, SPEC.child('controllerRef'))
        : []),
    ],
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
  },
};

function validateWorkload({ spec: { controllerRef, podGroupTemplates } }: Workload): FieldError[] {
  const errors: FieldError[] = [];
  if (controllerRef) {
    const { apiGroup = '', kind, name } = controllerRef;
    const at = SPEC.child('controllerRef');
    if (apiGroup) pushInvalid(errors, at.child('apiGroup'), apiGroup, isDNS1123Subdomain(apiGroup));
    if (!kind) errors.push(required(at.child('kind')));
    else pushInvalid(errors, at.child('kind'), kind, isPathSegmentName(kind));
    if (!name) errors.push(required(at.child('name')));
    else pushInvalid(errors, at.child('name'), name, isPathSegmentName(name));
  }
  const templates = podGroupTemplates ?? [];
  if (templates.length === 0) errors.push(required(TEMPLATES, 'must have at least one item'));
  if (templates.length > MAX_TEMPLATES) errors.push(tooMany(TEMPLATES, templates.length, MAX_TEMPLATES));
  const names = new Set<string>();
  templates.forEach((template, index) => {
    const at = TEMPLATES.index(index);
    if (!template.name) errors.push(required(at.child('name')));
    else pushInvalid(errors, at.child('name'), template.name, isDNS1123Label(template.name));
    if (names.has(template.name)) errors.push(duplicate(at, template.name));
    names.add(template.name);
    validateGroupTemplate(template, at, errors);
  });
  return errors;
}
