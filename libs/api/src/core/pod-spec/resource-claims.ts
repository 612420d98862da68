import {
  duplicate,
  FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Label,
  isDNS1123Subdomain,
  required,
} from '@pilothouse/apimachinery';
import type { coreV1, PodResourceClaim } from '@pilothouse/api';
import { MIRROR_POD_ANNOTATION } from '../well-known.ts';
import { type InternalFields, internalForm } from '../validation/internal-form.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import type { PodSpecContext } from './pod-validation-options.ts';

/** As upstream declares a PodResourceClaim. */
const CLAIM_FIELDS: InternalFields = {
  Name: ['name', ''],
  ResourceClaimName: ['resourceClaimName', null],
  ResourceClaimTemplateName: ['resourceClaimTemplateName', null],
};

/** `spec.resourceClaims`: the claims of dynamic resource allocation that containers may refer to. */
export function validateResourceClaims(
  claims: readonly PodResourceClaim[],
  path: FieldPath,
  { options, errors }: PodSpecContext,
): void {
  const names = new Set<string>();
  claims.forEach((claim, index) => {
    if (options.podMeta?.annotations?.[MIRROR_POD_ANNOTATION] !== undefined) {
      errors.push(forbiddenField(fieldPath(''), 'static pods do not support resource claims'));
      return;
    }
    const at = path.index(index);
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (!name) errors.push(required(at.child('name')));
    else if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    else pushInvalid(errors, at.child('name'), name, isDNS1123Label(name));
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const detail = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(invalidValue(at, internalForm(claim, CLAIM_FIELDS), detail));
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      const detail = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      errors.push(invalidValue(at, internalForm(claim, CLAIM_FIELDS), detail));
    }
    if (resourceClaimName !== undefined) {
      pushInvalid(errors, at.child('resourceClaimName'), resourceClaimName, isDNS1123Subdomain(resourceClaimName));
    }
    if (resourceClaimTemplateName !== undefined) {
      const messages = isDNS1123Subdomain(resourceClaimTemplateName);
      pushInvalid(errors, at.child('resourceClaimTemplateName'), resourceClaimTemplateName, messages);
    }
  });
}

/** A container's references to those claims: a whole claim, or single requests of it, but not both. */
export function validateClaimReferences(
  claims: readonly coreV1.ResourceClaim[],
  path: FieldPath,
  { claimNames, errors }: PodSpecContext,
): void {
  const seen = new Set<string>();
  claims.forEach(({ name, request }, index) => {
    const at = path.index(index);
    if (!name) {
      errors.push(required(at));
      return;
    }
    const key = request ? `${name}/${request}` : name;
    if (seen.has(name)) errors.push(duplicate(at, name));
    else {
      if (request) pushInvalid(errors, at.child('request'), request, isDNS1123Label(request));
      if (seen.has(key)) errors.push(duplicate(at, key));
      else if (!request) {
        for (const each of seen) if (each.startsWith(`${name}/`)) errors.push(duplicate(at, name));
      }
      seen.add(key);
    }
    if (!claimNames.has(name)) {
      const known = claimNames.size === 0 ? ' which is empty' : `: ${[...claimNames].sort().join(', ')}`;
      const detail = `must be one of the names in pod.spec.resourceClaims${known}`;
      errors.push(new FieldError('FieldValueNotFound', at.text, name, detail));
    }
  });
}
