import { isNotFound } from '@pilothouse/apimachinery';
import { type CertificateSigningRequest, certificatesigningrequests } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { isOver } from './plan.ts';

const HOUR_MS = 3_600_000;
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
