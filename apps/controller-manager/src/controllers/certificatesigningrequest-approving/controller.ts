import { isNotFound } from '@pilothouse/apimachinery';
import { type CertificateSigningRequest, certificatesigningrequests, subjectaccessreviews } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import { readCertificateRequest } from '@pilothouse/pki';
import type { ControllerContext } from '../../controller-context.ts';
import { hasCondition, pemOf, SIGNERS } from '../certificate-requests.ts';
import { formatTime } from '../conditions.ts';
import { type Recognizer, recognize } from './plan.ts';

/** Approves kubelets' own requests, where authorization lets them. Mirrors pkg/controller/certificates/approver. */
export class CertificateApprovingController implements Controller {
  readonly name = 'certificatesigningrequest-approving-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly requests: SharedInformer<CertificateSigningRequest>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.requests = context.informers.for(certificatesigningrequests);
    const enqueue = (request: CertificateSigningRequest): void => {
      if (isOpen(request)) this.queue.add(request.metadata.name ?? '');
    };
    this.requests.addHandler({ onAdd: enqueue, onUpdate: (_, request) => enqueue(request) });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const request = this.requests.lister.get(name);
    if (!request || !isOpen(request)) return;
    const recognizers = recognize(request, await readCertificateRequest(pemOf(request)));
    for (const recognizer of recognizers) {
      if (await this.isAllowed(request, recognizer)) return this.approve(request, recognizer);
    }
    // Rights may be given a moment after the request: try again, less and less often.
    if (recognizers.length > 0)
      throw new Error(`recognized csr ${JSON.stringify(name)} but subject access review was not approved`);
  }

  private async isAllowed(request: CertificateSigningRequest, { subresource }: Recognizer): Promise<boolean> {
    const { username = '', uid = '', groups = [], extra = {} } = request.spec;
    const resourceAttributes = {
      group: 'certificates.k8s.io',
      resource: 'certificatesigningrequests',
      subresource,
      verb: 'create',
      version: '*',
    };
    const review = await this.context.client.resource(subjectaccessreviews).create({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: { user: username, uid, groups, extra, resourceAttributes },
    });
    return review.status?.allowed === true;
  }

  private async approve(request: CertificateSigningRequest, { message }: Recognizer): Promise<void> {
    const time = formatTime(this.context.clock.now());
    const approved = {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      message,
      lastUpdateTime: time,
      lastTransitionTime: time,
    };
    const conditions = [...(request.status?.conditions ?? []), approved];
    try {
      await this.context.client
        .resource(certificatesigningrequests)
        .update({ ...request, status: { ...request.status, conditions } }, { subresource: 'approval' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function isOpen(request: CertificateSigningRequest): boolean {
  return (
    request.spec.signerName === SIGNERS.kubeletClient &&
    !request.status?.certificate &&
    !hasCondition(request, 'Approved') &&
    !hasCondition(request, 'Denied')
  );
}
