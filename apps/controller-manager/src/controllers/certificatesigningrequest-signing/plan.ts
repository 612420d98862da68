import type { CertificateSigningRequest } from '@pilothouse/api';
import type { CertificateRequest } from '@pilothouse/pki';
import {
  hasCondition,
  SIGNERS,
  whyNotApiserverClient,
  whyNotKubeletClient,
  whyNotKubeletServing,
} from '../certificate-requests.ts';

/** Approved, and neither signed nor refused yet. */
export function isDue(request: CertificateSigningRequest): boolean {
  return hasCondition(request, 'Approved') && !hasCondition(request, 'Failed') && !request.status?.certificate;
}

export const isOurSigner = (request: CertificateSigningRequest): boolean =>
  (Object.values(SIGNERS) as string[]).includes(request.spec.signerName);

/** Why the signer does not give what is asked for; undefined when it does. Mirrors pkg/controller/certificates/signer. */
export function refusal(request: CertificateSigningRequest, asked: CertificateRequest): string | undefined {
  const usages = request.spec.usages ?? [];
  switch (request.spec.signerName) {
    case SIGNERS.apiserverClient:
      return whyNotApiserverClient(usages);
    case SIGNERS.kubeletClient:
      return whyNotKubeletClient(asked, usages);
    case SIGNERS.kubeletServing:
      return whyNotKubeletServing(asked, usages);
    default:
      return undefined;
  }
}

/** Upstream's --cluster-signing-duration, and the least that a request can ask for. */
const MAX_SECONDS = 365 * 24 * 3600;
const MIN_SECONDS = 600;

export function validSeconds(request: CertificateSigningRequest): number {
  return Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, request.spec.expirationSeconds ?? MAX_SECONDS));
}

export function usagesOf(request: CertificateSigningRequest): ('server' | 'client')[] {
  const usages = request.spec.usages ?? [];
  return [
    ...(usages.includes('server auth') ? (['server'] as const) : []),
    ...(usages.includes('client auth') ? (['client'] as const) : []),
  ];
}
