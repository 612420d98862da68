import type { KindBehaviour } from '../kind.ts';
import { certificateSigningRequest } from './certificate-signing-request.ts';
import { clusterTrustBundle } from './cluster-trust-bundle.ts';
import { podCertificateRequest } from './pod-certificate-request.ts';

/** The kinds of group `certificates.k8s.io`. */
export const certificatesKinds: readonly KindBehaviour<any>[] = [
  certificateSigningRequest,
  clusterTrustBundle,
  podCertificateRequest,
];
