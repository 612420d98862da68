import type { KindBehaviour } from '../kind.ts';
import { deviceClass } from './device-class.ts';
import { deviceTaintRule } from './device-taint-rule.ts';
import { resourceClaimTemplate } from './resource-claim-template.ts';
import { resourceClaim } from './resource-claim.ts';
import { resourcePoolStatusRequest } from './resource-pool-status-request.ts';
import { resourceSlice } from './resource-slice.ts';

/** The kinds of group `resource.k8s.io`: https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
export const resourceKinds: readonly KindBehaviour<any>[] = [
  deviceClass,
  resourceClaim,
  resourceClaimTemplate,
  resourceSlice,
  deviceTaintRule,
  resourcePoolStatusRequest,
];
