import type { AuditEvent } from './audit-event.ts';

/** Where audit events go: a file, a service, or another sink that holds them back first. */
export interface AuditSink {
  /** Throws or rejects when they could not be kept. */
  write(events: readonly AuditEvent[]): void | Promise<void>;
  /** Resolves when all that was written is out. */
  close(): Promise<void>;
}

/** The same events to each; a failure of one is no failure of the others. */
export function unionOf(sinks: readonly AuditSink[]): AuditSink {
  return {
    async write(events) {
      const results = await Promise.allSettled(sinks.map(async (sink) => sink.write(events)));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
    async close() {
      await Promise.all(sinks.map((sink) => sink.close()));
    },
  };
}
