import type { PodInfo } from '../cache/pod-info.ts';

/** A pod in the scheduling queue, with its history there. */
export interface QueuedPodInfo {
  info: PodInfo;
  /** When it was last put into the active queue, for first come first served among equals. Milliseconds since 1970. */
  timestampMs: number;
  /** Orders pods of one millisecond. */
  sequence: number;
  /** Times it was taken to be scheduled. */
  attempts: number;
  /** When it was first taken to be scheduled; for the time a pod waits in all. */
  initialAttemptMs: number | undefined;
  /** Times in a row it was found unschedulable, and times in a row the attempt failed with an error: for the backoff. */
  unschedulableCount: number;
  consecutiveErrorsCount: number;
  /** The plugins that rejected it: only events that one of them registered can bring it back. */
  unschedulablePlugins: ReadonlySet<string>;
  /** The plugins for whose outside event it waits. */
  pendingPlugins: ReadonlySet<string>;
  /** The plugin whose preEnqueue keeps it out of the queue; empty if none does. */
  gatingPlugin: string;
}
