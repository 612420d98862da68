import type { EventRecorder } from '@pilothouse/client';

/** How many events are on their way at once: a recorder writes one after the other. */
const MOST_RECORDERS = 8;

/**
 * Recorders that speak for one node each, over a few that do the work: each of those remembers thousands of events in
 * order to combine them, and a process may play thousands of nodes.
 */
export class HostRecorders {
  readonly #create: () => EventRecorder;
  readonly #recorders: EventRecorder[] = [];
  #given = 0;

  constructor(create: () => EventRecorder) {
    this.#create = create;
  }

  forHost(host: string): EventRecorder {
    const index = this.#given++ % MOST_RECORDERS;
    const recorder = (this.#recorders[index] ??= this.#create());
    return {
      event: (regarding, type, reason, message, options) =>
        recorder.event(regarding, type, reason, message, { ...options, host }),
      flush: () => recorder.flush(),
    };
  }

  async flush(): Promise<void> {
    await Promise.all(this.#recorders.map((recorder) => recorder.flush()));
  }
}
