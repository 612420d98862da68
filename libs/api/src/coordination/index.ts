import type { KindBehaviour } from '../kind.ts';
import { leaseCandidate } from './lease-candidate.ts';
import { lease } from './lease.ts';

/** The kinds of group `coordination.k8s.io`. */
export const coordinationKinds: readonly KindBehaviour<any>[] = [lease, leaseCandidate];
