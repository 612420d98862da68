import type { Clock } from '@pilothouse/component';
import type { PodInfo } from '../cache/pod-info.ts';
import { unschedulable, type Status } from './status.ts';

/** A pod that one or more permit plugins asked to wait, each with its own deadline. */
export class WaitingPod {
  readonly pod: PodInfo;
  /** Resolves when every plugin allowed it (undefined), or one rejected it or ran out of time. */
  readonly decision: Promise<Status | undefined>;
  readonly #pending = new Map<string, () => void>();
  readonly #resolve: (status: Status | undefined) => void;

  constructor(pod: PodInfo, timeoutsMs: ReadonlyMap<string, number>, clock: Clock) {
    this.pod = pod;
    const { promise, resolve } = Promise.withResolvers<Status | undefined>();
    this.decision = promise;
    this.#resolve = resolve;
    for (const [plugin, timeoutMs] of timeoutsMs) {
      const cancel = clock.after(timeoutMs, () =>
        this.reject(plugin, `rejected due to timeout after waiting ${timeoutMs / 1000}s at plugin ${plugin}`),
      );
      this.#pending.set(plugin, cancel);
    }
  }

  allow(plugin: string): void {
    this.#pending.get(plugin)?.();
    this.#pending.delete(plugin);
    if (this.#pending.size === 0) this.#resolve(undefined);
  }

  reject(plugin: string, message: string): void {
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
    const status = unschedulable(message);
    status.plugin = plugin;
    this.#resolve(status);
  }
}

/** The pods between permit and binding, by uid. */
export class WaitingPods {
  readonly #pods = new Map<string, WaitingPod>();

  add(waiting: WaitingPod): void {
    this.#pods.set(waiting.pod.uid, waiting);
  }

  remove(uid: string): void {
    this.#pods.delete(uid);
  }

  get(uid: string): WaitingPod | undefined {
    return this.#pods.get(uid);
  }

  values(): IterableIterator<WaitingPod> {
    return this.#pods.values();
  }
}
