import {
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { MutatingAdmissionPolicy, Mutation, PolicyExpressionChecks, ValidationContext } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { paramKindCell } from './param-kind.ts';
import { defaultPolicySpec, pushProblem, validatePolicySpec } from './policy-spec.ts';

const SPEC = fieldPath('spec');
const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
const PATCH_FIELDS: Readonly<Record<string, 'applyConfiguration' | 'jsonPatch'>> = {
  ApplyConfiguration: 'applyConfiguration',
  JSONPatch: 'jsonPatch',
};
/** What is deleted cannot be changed any more. */
export const MUTABLE_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];
const PATCH_TYPES = Object.keys(PATCH_FIELDS);

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
    validate: (policy: MutatingAdmissionPolicy, context: ValidationContext) => validatePolicy(policy, context),
    validateUpdate: (policy: MutatingAdmissionPolicy, old: MutatingAdmissionPolicy, context: ValidationContext) =>
      validatePolicy(policy, context, old),
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
};

function validatePolicy(
  { spec }: MutatingAdmissionPolicy,
  { expressions }: ValidationContext,
  old?: MutatingAdmissionPolicy,
): FieldError[] {
  const errors: FieldError[] = [];
  const { reinvocationPolicy, mutations = [] } = spec;
  const hasParams = spec.paramKind !== undefined;
  const checks = expressions?.policy({ hasParams, hasVariables: true, isMutating: true });
  validatePolicySpec(spec, SPEC, errors, { old: old?.spec, checks, operations: MUTABLE_OPERATIONS });
  if (mutations.length === 0)
    errors.push(required(SPEC.child('mutations'), 'mutations must contain at least one item'));
  mutations.forEach((mutation, index) =>
    validateMutation(mutation, SPEC.child('mutations').index(index), errors, checks),
  );
  if (!reinvocationPolicy) errors.push(required(SPEC.child('reinvocationPolicy')));
  else if (!REINVOCATION_POLICIES.includes(reinvocationPolicy)) {
    errors.push(notSupported(SPEC.child('reinvocationPolicy'), reinvocationPolicy, REINVOCATION_POLICIES));
  }
  return errors;
}

/** The patch is in the field that the type names, and in no other. */
function validateMutation(
  mutation: Mutation,
  path: FieldPath,
  errors: FieldError[],
  checks: PolicyExpressionChecks | undefined,
): void {
  const { patchType } = mutation;
  const expected = PATCH_FIELDS[patchType];
  if (!patchType) errors.push(required(path.child('patchType')));
  else if (!expected) errors.push(notSupported(path.child('patchType'), patchType, PATCH_TYPES));
  if (!expected) return;
  const patch = mutation[expected];
  const expression = patch?.expression?.trim();
  const at = path.child(expected, 'expression');
  if (!patch) errors.push(required(path.child(expected), `must be specified when patchType is ${patchType}`));
  else if (!expression) errors.push(required(at));
  else pushProblem(errors, at, expression, checks?.mutation(patchType, expression));
  for (const field of Object.values(PATCH_FIELDS)) {
    if (field !== expected && mutation[field])
      errors.push(
        invalidValue(path.child(field), `{${field}}`, `must not be specified when patchType is ${patchType}`),
      );
  }
}
