import { type FieldError, type FieldPath, nameIsDNSSubdomain, required } from '@pilothouse/apimachinery';
import type { MutatingAdmissionPolicyBindingSpec } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { validateMatchResources } from './match-resources.ts';
import { validateParamRef } from './param-ref.ts';

/** What the bindings of validating and mutating policies have in common. */
export function validateBindingSpec(
  spec: MutatingAdmissionPolicyBindingSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { policyName, paramRef, matchResources } = spec;
  if (!policyName) errors.push(required(path.child('policyName')));
  else pushInvalid(errors, path.child('policyName'), policyName, nameIsDNSSubdomain(policyName, false));
  if (paramRef) validateParamRef(paramRef, path.child('paramRef'), errors);
  if (matchResources) validateMatchResources(matchResources, path.child('matchResources'), errors);
}
