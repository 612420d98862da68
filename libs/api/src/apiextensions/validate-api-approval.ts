import { fieldPath, invalidValue, required, type FieldError } from '@pilothouse/apimachinery';
import type { CustomResourceDefinition } from '../generated/types.ts';

export const API_APPROVED_ANNOTATION = 'api-approved.kubernetes.io';
const SEE = 'https://github.com/kubernetes/enhancements/pull/1111';

export interface ApiApproval {
  readonly state: 'approved' | 'unapproved' | 'missing' | 'invalid';
  readonly reason: string;
}

/** Groups of the community may only be extended with its consent. */
export function isProtectedCommunityGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
}

export function apiApproval({ metadata }: CustomResourceDefinition): ApiApproval {
  const annotation = metadata?.annotations?.[API_APPROVED_ANNOTATION] ?? '';
  if (annotation === '') {
    return {
      state: 'missing',
      reason: `protected groups must have approval annotation "${API_APPROVED_ANNOTATION}", see ${SEE}`,
    };
  }
  if (annotation.startsWith('unapproved'))
    return { state: 'unapproved', reason: `not approved: ${JSON.stringify(annotation)}` };
  if (URL.canParse(annotation) && /^[a-z]+:\/\/[^/]+/.test(annotation))
    return { state: 'approved', reason: `approved in ${annotation}` };
  return {
    state: 'invalid',
    reason: `protected groups must have approval annotation "${API_APPROVED_ANNOTATION}" with either a URL or a reason starting with "unapproved", see ${SEE}`,
  };
}

/** What was let in once is let in again. */
export function validateApiApproval(crd: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  if (!isProtectedCommunityGroup(crd.spec.group)) return [];
  const { state, reason } = apiApproval(crd);
  if (old && apiApproval(old).state === state) return [];
  const path = fieldPath('metadata', 'annotations').key(API_APPROVED_ANNOTATION);
  if (state === 'invalid') return [invalidValue(path, crd.metadata?.annotations?.[API_APPROVED_ANNOTATION], reason)];
  return state === 'missing' ? [required(path, reason)] : [];
}
