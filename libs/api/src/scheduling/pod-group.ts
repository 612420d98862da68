import { deepEqual, type FieldError, fieldPath, required, tooMany } from '@pilothouse/apimachinery';
import type { PodGroup } from '@pilothouse/api';
import { keepStored } from '../core/keep-stored.ts';
import type { KindBehaviour } from '../kind.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { ageColumn, nameColumn } from '../printing/index.ts';
import {
  MAX_CLAIMS,
  validateGroupTemplate,
  validateImmutableFields,
  validateLongName,
  validateNamed,
  validateShortName,
  validateUnion,
} from './validate-group-template.ts';

const SPEC = fieldPath('spec');
const CLAIMS = SPEC.child('resourceClaims');
const STATUS = fieldPath('status');
const CLAIM_STATUSES = STATUS.child('resourceClaimStatuses');

const IMMUTABLE = [
  'podGroupTemplateRef',
  'schedulingPolicy',
  'schedulingConstraints',
  'resourceClaims',
  'disruptionMode',
  'priorityClassName',
  'priority',
] as const;

/** Pods that are scheduled together (KEP-4671), alpha in 1.36. */
export const podGroup: KindBehaviour<PodGroup> = {
  group: 'scheduling.k8s.io',
  kind: 'PodGroup',
  columns: [nameColumn, ageColumn],
  strategy: {
    validate: validateGroup,
    validateUpdate,
    allowUnconditionalUpdate: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: PodGroup, old: PodGroup) => {
          keepStored(next, old, 'spec');
          keepStored(next.metadata, old.metadata, 'labels', 'annotations', 'finalizers', 'ownerReferences');
        },
        validateUpdate: validateStatus,
      },
    },
  },
};

function validateGroup({ spec }: PodGroup): FieldError[] {
  const errors: FieldError[] = [];
  const { podGroupTemplateRef: reference } = spec;
  if (reference) {
    const at = SPEC.child('podGroupTemplateRef');
    validateUnion(reference, ['workload'], at, errors);
    if (reference.workload) {
      const { workloadName, podGroupTemplateName } = reference.workload;
      if (!workloadName) errors.push(required(at.child('workload', 'workloadName')));
      else validateLongName(workloadName, at.child('workload', 'workloadName'), errors);
      validateShortName(podGroupTemplateName, at.child('workload', 'podGroupTemplateName'), errors);
    }
  }
  validateGroupTemplate(spec, SPEC, errors);
  return errors;
}

function validateUpdate({ spec }: PodGroup, { spec: old }: PodGroup): FieldError[] {
  return validateImmutableFields(spec, old, IMMUTABLE, SPEC).flatMap((error) => {
    const { length } = spec.resourceClaims ?? [];
    const isTooLong = error.field === String(CLAIMS) && length > MAX_CLAIMS;
    return isTooLong ? [error, tooMany(CLAIMS, length, MAX_CLAIMS)] : [error];
  });
}

function validateStatus({ status }: PodGroup, old: PodGroup): FieldError[] {
  const errors: FieldError[] = [];
  validateConditions(status?.conditions, STATUS.child('conditions'), errors);
  const claims = status?.resourceClaimStatuses ?? [];
  if (deepEqual(claims, old.status?.resourceClaimStatuses ?? [])) return errors;
  validateNamed(claims, MAX_CLAIMS, CLAIM_STATUSES, errors, ({ resourceClaimName }, at) => {
    if (resourceClaimName !== undefined) validateLongName(resourceClaimName, at.child('resourceClaimName'), errors);
  });
  return errors;
}
