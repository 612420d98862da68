import type { JWTPayload } from 'jose';

/** Something that a token is bound to: when it goes, so does the token. */
export interface BoundReference {
  readonly name: string;
  readonly uid: string;
}

/** Upstream's private claims, under `kubernetes.io`. */
export interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: BoundReference;
  readonly pod?: BoundReference;
  readonly node?: BoundReference;
  readonly secret?: BoundReference;
  readonly warnafter?: number;
}

export interface ServiceAccountClaims extends JWTPayload {
  readonly 'kubernetes.io': KubernetesClaims;
}

export function isServiceAccountClaims(claims: JWTPayload): claims is ServiceAccountClaims {
  const own = claims['kubernetes.io'] as KubernetesClaims | undefined;
  return typeof own?.namespace === 'string' && typeof own.serviceaccount?.name === 'string';
}
