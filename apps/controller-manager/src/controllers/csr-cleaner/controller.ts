import { isNotFound } from '@pilothouse/apimachinery';
import { type CertificateSigningRequest, certificatesigningrequests } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import { certificateInfo } from '@pilothouse/pki';
import type { ControllerContext } from '../../controller-context.ts';

const HOUR_MS = 3_600_000;
/** What was decided stays for an hour to be looked at, what nobody decides for a day. */
const DECIDED_TTL_MS = HOUR_MS;
const PENDING_TTL_MS = 24 * HOUR_MS;
const ROUND = 'round';

/** Removes old certificate requests. It has one key: a round over all of them. Mirrors pkg/controller/certificates/cleaner. */
export class CsrCleanerController implements Controller {
  readonly name = 'certificatesigningrequest-cleaner-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly requests: SharedInformer<CertificateSigningRequest>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.requests = context.informers.for(certificatesigningrequests);
    this.queue.add(ROUND);
  }

  async reconcile(): Promise<ReconcileResult> {
    const now = this.context.clock.now();
    for (const request of this.requests.lister.list()) {
      if (!isOver(request, now)) continue;
      try {
        await this.context.client.resource(certificatesigningrequests).delete(request.metadata.name ?? '');
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return { requeueAfterMs: HOUR_MS };
  }
}

/** Pure. */
export function isOver({ metadata, status }: CertificateSigningRequest, now: Date): boolean {
  const olderThan = (time: string | null | undefined, ttlMs: number) =>
    Boolean(time) && now.getTime() - Date.parse(time!) > ttlMs;
  if (status?.certificate && isExpired(status.certificate, now)) return true;
  const conditions = status?.conditions ?? [];
  const decided = conditions.filter(({ type }) => type === 'Approved' || type === 'Denied' || type === 'Failed');
  if (decided.length > 0) return decided.some(({ lastUpdateTime }) => olderThan(lastUpdateTime, DECIDED_TTL_MS));
  return olderThan(metadata.creationTimestamp, PENDING_TTL_MS);
}

function isExpired(certificate: string, now: Date): boolean {
  return certificateInfo(Buffer.from(certificate, 'base64').toString()).notAfter.getTime() < now.getTime();
}
