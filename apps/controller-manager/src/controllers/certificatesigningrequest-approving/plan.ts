import type { CertificateSigningRequest } from '@pilothouse/api';
import type { CertificateRequest } from '@pilothouse/pki';
import { SIGNERS, whyNotKubeletClient } from '../certificate-requests.ts';

/** A kind of request that is approved without a person, if its user may create the subresource. */
export interface Recognizer {
  readonly subresource: 'selfnodeclient' | 'nodeclient';
  readonly message: string;
}

/**
 * Whose request it is: a kubelet that renews its own certificate, or a bootstrapping one that asks for its first.
 * Empty for everything else, which waits for a person. Mirrors pkg/controller/certificates/approver.
 */
export function recognize(request: CertificateSigningRequest, asked: CertificateRequest): Recognizer[] {
  if (request.spec.signerName !== SIGNERS.kubeletClient) return [];
  if (whyNotKubeletClient(asked, request.spec.usages ?? []) !== undefined) return [];
  const first: Recognizer = {
    subresource: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  };
  if (request.spec.username !== asked.commonName) return [first];
  const renewal: Recognizer = {
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  };
  return [renewal, first];
}
