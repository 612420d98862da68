/** How many pods wait in each part of the queue: the labels of `scheduler_pending_pods`. */
export interface QueueCounts {
  readonly active: number;
  readonly backoff: number;
  readonly unschedulable: number;
  readonly gated: number;
}
