import type { KindBehaviour } from '../kind.ts';
import { binding } from './binding.ts';
import { componentStatus } from './component-status.ts';
import { configMap } from './config-map.ts';
import { endpoints } from './endpoints.ts';
import { event } from './event.ts';
import { limitRange } from './limit-range.ts';
import { namespace } from './namespace.ts';
import { node } from './node/node.ts';
import { persistentVolumeClaim } from './persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolume } from './persistent-volume/persistent-volume.ts';
import { podTemplate } from './pod-template.ts';
import { pod } from './pod/pod.ts';
import { replicationController } from './replication-controller.ts';
import { resourceQuota } from './resource-quota.ts';
import { secret } from './secret.ts';
import { serviceAccount } from './service-account.ts';
import { service } from './service/service.ts';

/** The kinds of core/v1. */
export const coreKinds: readonly KindBehaviour<any>[] = [
  pod,
  podTemplate,
  replicationController,
  service,
  endpoints,
  namespace,
  node,
  configMap,
  secret,
  serviceAccount,
  persistentVolume,
  persistentVolumeClaim,
  limitRange,
  resourceQuota,
  event,
  binding,
  componentStatus,
];
