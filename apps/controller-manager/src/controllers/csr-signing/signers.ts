import type { CertificateRequest } from '@pilothouse/pki';

const NODE_GROUP = 'system:nodes';
const NODE_PREFIX = 'system:node:';
const BASE = ['digital signature', 'key encipherment'];

/** One of the cluster's own signers. Upstream: pkg/controller/certificates/signer and pkg/apis/certificates/helpers. */
export interface Signer {
  readonly name: string;
  /** Why it will not sign; undefined when it will. */
  refusal(request: CertificateRequest, usages: readonly string[]): string | undefined;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers */
export const signers: readonly Signer[] = [
  {
    name: 'kubernetes.io/kube-apiserver-client',
    refusal: (_, usages) => {
      const bad = usages.find((usage) => ![...BASE, 'client auth'].includes(usage));
      if (bad !== undefined) return `invalid usage for client certificate: ${bad}`;
      return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
    },
  },
  {
    name: 'kubernetes.io/kube-apiserver-client-kubelet',
    refusal: (request, usages) =>
      organizationRefusal(request) ??
      (request.dnsNames.length > 0 ? 'DNS subjectAltNames are not allowed' : undefined) ??
      (request.emailAddresses.length > 0 ? 'Email subjectAltNames are not allowed' : undefined) ??
      (request.ipAddresses.length > 0 ? 'IP subjectAltNames are not allowed' : undefined) ??
      (request.uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined) ??
      nameRefusal(request) ??
      exactly(usages, 'client auth'),
  },
  {
    name: 'kubernetes.io/kubelet-serving',
    refusal: (request, usages) =>
      organizationRefusal(request) ??
      (request.dnsNames.length + request.ipAddresses.length === 0
        ? 'DNS or IP subjectAltName is required'
        : undefined) ??
      (request.emailAddresses.length > 0 ? 'Email subjectAltNames are not allowed' : undefined) ??
      (request.uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined) ??
      exactly(usages, 'server auth') ??
      nameRefusal(request),
  },
  { name: 'kubernetes.io/legacy-unknown', refusal: () => undefined },
];

function organizationRefusal({ organizations }: CertificateRequest): string | undefined {
  const isNodes = organizations.length === 1 && organizations[0] === NODE_GROUP;
  return isNodes ? undefined : 'subject organization is not system:nodes';
}

function nameRefusal({ commonName }: CertificateRequest): string | undefined {
  return commonName.startsWith(NODE_PREFIX) ? undefined : 'subject common name does not begin with system:node:';
}

/** Keys that cannot encipher leave that usage out. */
function exactly(usages: readonly string[], purpose: string): string | undefined {
  const wanted = new Set([...BASE, purpose]);
  const given = new Set([...usages, 'key encipherment']);
  if (wanted.symmetricDifference(given).size === 0) return undefined;
  return `usages did not match [${[...wanted].sort().join(' ')}]`;
}
