import {
  type FieldError,
  fieldPath,
  nameIsDNSSubdomain,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { PodGroup } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { ageColumn, nameColumn } from '../printing/index.ts';
import { validateGroupTemplate } from './validate-group-template.ts';

const SPEC = fieldPath('spec');

/** Pods that are scheduled together (KEP-4671), alpha in 1.36. */
export const podGroup: KindBehaviour<PodGroup> = {
  group: 'scheduling.k8s.io',
  kind: 'PodGroup',
  columns: [nameColumn, ageColumn],
  strategy: {
    validate: validateGroup,
    validateUpdate: (next: PodGroup, old: PodGroup) => validateImmutableField(next.spec, old.spec, SPEC),
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
  },
  subresources: {
    status: {
      strategy: {
        validateUpdate: ({ status }: PodGroup) => {
          const errors: FieldError[] = [];
          validateConditions(status?.conditions, fieldPath('status', 'conditions'), errors);
          return errors;
        },
      },
    },
  },
};

function validateGroup({ spec }: PodGroup): FieldError[] {
  const errors: FieldError[] = [];
  const workload = spec.podGroupTemplateRef?.workload;
  if (spec.podGroupTemplateRef) {
    const at = SPEC.child('podGroupTemplateRef');
    if (!workload) errors.push(required(at.child('workload')));
    else {
      if (!workload.workloadName) errors.push(required(at.child('workload', 'workloadName')));
      else
        pushInvalid(
          errors,
          at.child('workload', 'workloadName'),
          workload.workloadName,
          nameIsDNSSubdomain(workload.workloadName, false),
        );
      if (!workload.podGroupTemplateName) errors.push(required(at.child('workload', 'podGroupTemplateName')));
    }
  }
  validateGroupTemplate(spec, SPEC, errors);
  return errors;
}
