import type { KindBehaviour } from '../kind.ts';
import { podGroup } from './pod-group.ts';
import { priorityClass } from './priority-class.ts';
import { workload } from './workload.ts';

/** The kinds of group `scheduling.k8s.io`. */
export const schedulingKinds: readonly KindBehaviour<any>[] = [priorityClass, podGroup, workload];
