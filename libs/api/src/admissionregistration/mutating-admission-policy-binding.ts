import { type FieldError, fieldPath } from '@pilothouse/apimachinery';
import type { MutatingAdmissionPolicyBinding } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { defaultMatchResources, validateOperations } from './match-resources.ts';
import { MUTABLE_OPERATIONS } from './mutating-admission-policy.ts';
import { paramRefCell } from './param-ref.ts';
import { validateBindingSpec } from './policy-binding.ts';

const SPEC = fieldPath('spec');

export const mutatingAdmissionPolicyBinding: KindBehaviour<MutatingAdmissionPolicyBinding> = {
  group: 'admissionregistration.k8s.io',
  kind: 'MutatingAdmissionPolicyBinding',
  storageVersion: 'v1beta1',
  defaults: defaultBinding,
  columns: [
    nameColumn,
    column<MutatingAdmissionPolicyBinding>('PolicyName', ({ spec }) => spec.policyName ?? ''),
    column<MutatingAdmissionPolicyBinding>('ParamRef', ({ spec }) => paramRefCell(spec.paramRef)),
    ageColumn,
  ],
  strategy: {
    validate: validateBinding,
    validateUpdate: validateBinding,
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
  versions: {
    // The first alpha did not yet ask what to do when a parameter is missing.
    v1alpha1: {
      defaults: (each) => {
        defaultBinding(each);
        if (each.spec?.paramRef) each.spec.paramRef.parameterNotFoundAction ??= 'Deny';
      },
    },
  },
};

function defaultBinding({ spec }: MutatingAdmissionPolicyBinding): void {
  defaultMatchResources(spec?.matchResources);
}

function validateBinding({ spec }: MutatingAdmissionPolicyBinding): FieldError[] {
  const errors: FieldError[] = [];
  validateBindingSpec(spec, SPEC, errors);
  validateOperations(spec.matchResources, MUTABLE_OPERATIONS, SPEC.child('matchResources'), errors);
  return errors;
}
