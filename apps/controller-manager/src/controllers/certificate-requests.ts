import type { CertificateSigningRequest } from '@pilothouse/api';
import type { CertificateRequest } from '@pilothouse/pki';

/** https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers */
export const SIGNERS = {
  apiserverClient: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacyUnknown: 'kubernetes.io/legacy-unknown',
} as const;

export function hasCondition(request: CertificateSigningRequest, type: 'Approved' | 'Denied' | 'Failed'): boolean {
  return request.status?.conditions?.some((each) => each.type === type) === true;
}

/** The PKCS #10 text inside the object. */
export const pemOf = (request: CertificateSigningRequest): string =>
  Buffer.from(request.spec.request, 'base64').toString('utf8');

const NODE_GROUP = 'system:nodes';
const NODE_USER = 'system:node:';

function isSubset(usages: readonly string[], allowed: readonly string[], required: readonly string[]): boolean {
  return usages.every((each) => allowed.includes(each)) && required.every((each) => usages.includes(each));
}

const KEY_USAGES = ['digital signature', 'key encipherment'];

/** What a kubelet may have for calling the apiserver; undefined when the request is one, else why it is not. */
export function whyNotKubeletClient(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (request.organizations.length !== 1 || request.organizations[0] !== NODE_GROUP)
    return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (!request.commonName.startsWith(NODE_USER)) return 'subject common name does not begin with system:node: ';
  if (!isSubset(usages, [...KEY_USAGES, 'client auth'], ['digital signature', 'client auth']))
    return 'usages did not match [key encipherment digital signature client auth]';
  return undefined;
}

/** What a kubelet may have for serving. */
export function whyNotKubeletServing(request: CertificateRequest, usages: readonly string[]): string | undefined {
  if (request.organizations.length !== 1 || request.organizations[0] !== NODE_GROUP)
    return 'subject organization is not system:nodes';
  if (request.dnsNames.length + request.ipAddresses.length === 0) return 'at least one of DNS or IP subjectAltName is required';
  if (!request.commonName.startsWith(NODE_USER)) return 'subject common name does not begin with system:node: ';
  if (!isSubset(usages, [...KEY_USAGES, 'server auth'], ['digital signature', 'server auth']))
    return 'usages did not match [key encipherment digital signature server auth]';
  return undefined;
}

/** What anybody may have for calling the apiserver. */
export function whyNotApiserverClient(usages: readonly string[]): string | undefined {
  return isSubset(usages, [...KEY_USAGES, 'client auth'], ['client auth'])
    ? undefined
    : 'usages did not match [digital signature key encipherment client auth]';
}
