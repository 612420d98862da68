import {
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { MutatingAdmissionPolicy, Mutation } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { paramKindCell } from './param-kind.ts';
import { defaultPolicySpec, validatePolicySpec } from './policy-spec.ts';

const SPEC = fieldPath('spec');
const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
const PATCH_FIELDS: Readonly<Record<string, 'applyConfiguration' | 'jsonPatch'>> = {
  ApplyConfiguration: 'applyConfiguration',
  JSONPatch: 'jsonPatch',
};
const PATCH_TYPES = Object.keys(PATCH_FIELDS).sort();

export const mutatingAdmissionPolicy: KindBehaviour<MutatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io',
  kind: 'MutatingAdmissionPolicy',
  // v1 came with this release: a server of the one before must still be able to read what is stored.
  storageVersion: 'v1beta1',
  defaults: ({ spec }) => defaultPolicySpec(spec),
  columns: [
    nameColumn,
    column<MutatingAdmissionPolicy>('Mutations', ({ spec }) => spec.mutations?.length ?? 0, { type: 'integer' }),
    column<MutatingAdmissionPolicy>('ParamKind', ({ spec }) => paramKindCell(spec.paramKind)),
    ageColumn,
  ],
  strategy: {
    validate: validatePolicy,
    validateUpdate: validatePolicy,
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
};

function validatePolicy({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const errors: FieldError[] = [];
  const { reinvocationPolicy, mutations = [] } = spec;
  validatePolicySpec(spec, SPEC, errors);
  if (!reinvocationPolicy) errors.push(required(SPEC.child('reinvocationPolicy')));
  else if (!REINVOCATION_POLICIES.includes(reinvocationPolicy)) {
    errors.push(notSupported(SPEC.child('reinvocationPolicy'), reinvocationPolicy, REINVOCATION_POLICIES));
  }
  if (mutations.length === 0)
    errors.push(required(SPEC.child('mutations'), 'mutations must contain at least one item'));
  mutations.forEach((mutation, index) => validateMutation(mutation, SPEC.child('mutations').index(index), errors));
  return errors;
}

/** The patch is in the field that the type names, and in no other. */
function validateMutation(mutation: Mutation, path: FieldPath, errors: FieldError[]): void {
  const { patchType } = mutation;
  const expected = PATCH_FIELDS[patchType];
  if (!patchType) errors.push(required(path.child('patchType')));
  else if (!expected) errors.push(notSupported(path.child('patchType'), patchType, PATCH_TYPES));
  if (!expected) return;
  for (const field of Object.values(PATCH_FIELDS)) {
    const patch = mutation[field];
    if (field !== expected) {
      if (patch) errors.push(forbiddenField(path.child(field), `must not be specified when patchType is ${patchType}`));
    } else if (!patch) errors.push(required(path.child(field), `must be specified when patchType is ${patchType}`));
    else if (!patch.expression?.trim())
      errors.push(required(path.child(field, 'expression'), 'expression is not specified'));
  }
}
