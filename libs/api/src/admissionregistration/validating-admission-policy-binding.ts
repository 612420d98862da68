import { duplicate, type FieldError, fieldPath, invalidValue, notSupported, required } from '@pilothouse/apimachinery';
import type { ValidatingAdmissionPolicyBinding } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { defaultMatchResources } from './match-resources.ts';
import { paramRefCell } from './param-ref.ts';
import { validateBindingSpec } from './policy-binding.ts';

const SPEC = fieldPath('spec');
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const DENY_AND_WARN =
  'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';

export const validatingAdmissionPolicyBinding: KindBehaviour<ValidatingAdmissionPolicyBinding> = {
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicyBinding',
  defaults: ({ spec }) => defaultMatchResources(spec?.matchResources),
  columns: [
    nameColumn,
    column<ValidatingAdmissionPolicyBinding>('PolicyName', ({ spec }) => spec.policyName ?? ''),
    column<ValidatingAdmissionPolicyBinding>('ParamRef', ({ spec }) => paramRefCell(spec.paramRef)),
    ageColumn,
  ],
  strategy: {
    validate: validateBinding,
    validateUpdate: validateBinding,
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
};

function validateBinding({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const errors: FieldError[] = [];
  const actions = spec.validationActions ?? [];
  const at = SPEC.child('validationActions');
  validateBindingSpec(spec, SPEC, errors);
  actions.forEach((action, index) => {
    if (!ACTIONS.includes(action)) errors.push(notSupported(at.index(index), action, ACTIONS));
    if (actions.indexOf(action) < index) errors.push(duplicate(at.index(index), action));
  });
  if (actions.includes('Deny') && actions.includes('Warn')) errors.push(invalidValue(at, actions, DENY_AND_WARN));
  if (actions.length === 0) errors.push(required(at, 'at least one validation action is required'));
  return errors;
}
