import type { KindBehaviour } from '../kind.ts';
import { ingressClass } from './ingress-class.ts';
import { ingress } from './ingress.ts';
import { ipAddress } from './ip-address.ts';
import { networkPolicy } from './network-policy.ts';
import { serviceCIDR } from './service-cidr.ts';

/** The kinds of group `networking.k8s.io`. */
export const networkingKinds: readonly KindBehaviour<any>[] = [
  ingress,
  ingressClass,
  networkPolicy,
  ipAddress,
  serviceCIDR,
];
