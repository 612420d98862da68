import type { Allocation } from './allocation.ts';

/** What a pod worker remembers between two looks at its pod. Replaced, never changed. */
export interface PodMemory {
  /** `status.startTime`: when the kubelet first saw the pod. */
  readonly startTime: string;
  /** Decided by the kubelet itself, against the containers' own say: rejected at admission, or over its deadline. */
  readonly verdict?: PodVerdict;
  /** The verdict is that its node has no more room for it: it ends at once, and did not fail by itself. */
  readonly evicted?: boolean;
  /** What the pod was granted; absent for one that was not admitted. */
  readonly allocation?: Allocation;
  /** Containers do not have yet what was granted anew. */
  readonly resizing?: boolean;
  /** Volumes are set up, and what their files hold is known. */
  readonly mounted: boolean;
  /** While a volume is not attached: when to say so. */
  readonly attachDeadlineMs?: number;
  /** While a volume can not be set up. */
  readonly mountRetry?: Retry;
  readonly containers: Readonly<Record<string, ContainerMemory>>;
  /** Everything has stopped for good; the phase is final. */
  readonly finished: boolean;
}

export interface PodVerdict {
  readonly reason: string;
  readonly message: string;
}

export interface Retry {
  readonly atMs: number;
  readonly delayMs: number;
}

export interface ContainerMemory {
  /** Why it does not run, when that is more than its turn not having come. */
  readonly waiting?: { readonly reason: string; readonly message: string };
  /** Crash loop: the delay before the next restart but one, and when that was set. */
  readonly restart?: { readonly delayMs: number; readonly setAtMs: number };
  /** The attempt whose back-off is over. */
  readonly restartingFor?: number;
  /** The attempt for which a pull was asked for, or the image is there. */
  readonly pullingFor?: number;
  readonly imageReadyFor?: number;
  readonly pullRetry?: Retry & { readonly error: string; readonly shownBackOff: boolean };
  readonly configRetry?: Retry;
  /** The container whose start, and whose stop, an event has told of. */
  readonly startedId?: string;
  readonly killedId?: string;
  /** The exit after which an event told of the back-off. */
  readonly backOffId?: string;
}

export function newPodMemory(startTime: string): PodMemory {
  return { startTime, mounted: false, containers: {}, finished: false };
}
