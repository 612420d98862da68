import type { AuditEvent } from './audit-event.ts';
import type { AuditSink } from './audit-sink.ts';

export interface TruncateOptions {
  readonly maxEventBytes: number;
  readonly maxBatchBytes: number;
}

const ANNOTATION = 'audit.k8s.io/truncated';

/**
 * Takes the objects out of events that are too large, and lets go of those that are too large even so; hands on no more
 * at once than fits into a batch.
 */
export function truncatingSink(
  sink: AuditSink,
  { maxEventBytes, maxBatchBytes }: TruncateOptions,
  lost: (events: number, why: unknown) => void,
): AuditSink {
  return {
    async write(events) {
      let batch: AuditEvent[] = [];
      let bytes = 0;
      for (const given of events) {
        const event = sizeOf(given) > maxEventBytes ? truncated(given) : given;
        const size = sizeOf(event);
        if (size > maxEventBytes) {
          lost(1, new Error('event is too large even after truncating'));
          continue;
        }
        if (bytes + size > maxBatchBytes && batch.length > 0) {
          await sink.write(batch);
          [batch, bytes] = [[], 0];
        }
        batch.push(event);
        bytes += size;
      }
      if (batch.length > 0) await sink.write(batch);
    },
    close: () => sink.close(),
  };
}

function sizeOf(event: AuditEvent): number {
  return Buffer.byteLength(JSON.stringify(event));
}

function truncated({ requestObject: _request, responseObject: _response, ...event }: AuditEvent): AuditEvent {
  return { ...event, annotations: { ...event.annotations, [ANNOTATION]: 'true' } };
}
