export type { CertificatePair } from './key-pair.ts';
export { createServiceAccountKey } from './key-pair.ts';
export type { CertificateSubject } from './certificate.ts';
export type { CertificateRequest } from './certificate-request.ts';
export {
  createCertificateAuthority,
  createCertificateRequest,
  createSignedCertificate,
  readCertificateRequest,
  selfSignedServerCert,
  signCertificateRequest,
} from './issue.ts';
export type { CertificateInfo } from './certificate-info.ts';
export { certificateInfo, expiresSoon, isUsable } from './certificate-info.ts';
export type { Pki, PkiComponent, PkiOptions } from './ensure-pki.ts';
export { ensurePki } from './ensure-pki.ts';
export type { Kubeconfig, KubeconfigExec, ResolvedKubeconfig } from './kubeconfig/kubeconfig.ts';
export { readKubeconfigFile, resolveKubeconfig } from './kubeconfig/read-kubeconfig.ts';
export type { KubeconfigContent } from './kubeconfig/write-kubeconfig.ts';
export { writeKubeconfig } from './kubeconfig/write-kubeconfig.ts';
