import type { Pod } from '@pilothouse/api';
import type { EventRecorder } from '@pilothouse/client';
import type { Clock, Logger, Random } from '@pilothouse/component';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Snapshot } from '../cache/snapshot.ts';
import type { HttpExtender } from '../extenders/http-extender.ts';
import type { NominatedPods } from '../queue/nominated-pods.ts';
import type { SchedulerMetrics } from '../metrics.ts';
import type { ApiWriter } from './api-writer.ts';
import type { CycleState } from './cycle-state.ts';
import type { ClusterListers } from './listers.ts';
import type { Status } from './status.ts';
import type { WaitingPods } from './waiting-pods.ts';

/** What the scheduler lends to the plugins of one profile. */
export interface FrameworkHandle {
  readonly schedulerName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly snapshot: Snapshot;
  readonly listers: ClusterListers;
  readonly api: ApiWriter;
  readonly recorder: EventRecorder;
  readonly nominatedPods: NominatedPods;
  readonly waitingPods: WaitingPods;
  readonly metrics: SchedulerMetrics;
  /** Those that have a say in preemptions are asked about them. */
  readonly extenders: readonly HttpExtender[];
  readonly logger: Logger;
  /** Puts pods back into the active queue whatever rejected them. */
  activate(pods: readonly Pod[]): void;
  /** Runs all filters of the profile as the scheduling cycle does, for a what-if evaluation. */
  runFilters(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined;
  /** Tells the preFilter states about a pod added to or removed from a node of a what-if evaluation. */
  runPreFilterAddPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void;
  runPreFilterRemovePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void;
}
