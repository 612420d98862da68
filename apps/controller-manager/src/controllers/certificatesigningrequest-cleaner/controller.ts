import { isNotFound } from '@pilothouse/apimachinery';
import { type CertificateSigningRequest, certificatesigningrequests } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { dueAtMs } from './plan.ts';

/** Deletes certificate signing requests that have served their purpose. Mirrors pkg/controller/certificates/cleaner. */
export class CertificateCleaner implements Controller {
  readonly name = 'certificatesigningrequest-cleaner-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly requests: SharedInformer<CertificateSigningRequest>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.requests = context.informers.for(certificatesigningrequests);
    const enqueue = (request: CertificateSigningRequest): void => this.queue.add(request.metadata.name ?? '');
    this.requests.addHandler({ onAdd: enqueue, onUpdate: (_, request) => enqueue(request) });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const request = this.requests.lister.get(name);
    if (!request) return;
    const leftMs = dueAtMs(request) - this.context.clock.now().getTime();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    try {
      await this.context.client
        .resource(certificatesigningrequests)
        .delete(name, { preconditions: { uid: request.metadata.uid ?? '' } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
