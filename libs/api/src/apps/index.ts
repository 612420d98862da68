import type { KindBehaviour } from '../kind.ts';
import { controllerRevision } from './controller-revision.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { replicaSet } from './replica-set.ts';
import { statefulSet } from './stateful-set.ts';

/** The kinds of group `apps`. */
export const appsKinds: readonly KindBehaviour<any>[] = [
  deployment,
  replicaSet,
  statefulSet,
  daemonSet,
  controllerRevision,
];
