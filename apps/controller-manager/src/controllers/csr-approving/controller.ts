import { isNotFound, type KubeObject } from '@pilothouse/apimachinery';
import {
  type CertificateSigningRequest,
  certificatesigningrequests,
  type SubjectAccessReview,
  subjectaccessreviews,
} from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import { type CertificateRequest, readCertificateRequest } from '@pilothouse/pki';
import type { ControllerContext } from '../../controller-context.ts';
import { followRequests } from '../certificate-requests.ts';
import { formatTime } from '../conditions.ts';
import { signers } from '../csr-signing/signers.ts';

const KUBELET_CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';

/** Which permission lets a request be approved without anybody looking, and what is said then. */
const RECOGNIZERS = [
  {
    permission: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
    fits: ({ commonName }: CertificateRequest, username: string | undefined) => commonName === username,
  },
  {
    permission: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
    fits: () => true,
  },
] as const;

/** Approves the client certificates of kubelets that may have them. Mirrors pkg/controller/certificates/approver. */
export class CsrApprovingController implements Controller {
  readonly name = 'certificatesigningrequest-approving-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly requests: SharedInformer<CertificateSigningRequest>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.requests = followRequests(context.informers, this.queue);
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const request = this.requests.lister.get(name);
    if (!request || request.spec.signerName !== KUBELET_CLIENT || request.status?.certificate || isDecided(request))
      return;
    const wanted = await readCertificateRequest(Buffer.from(request.spec.request, 'base64').toString());
    const signer = signers.find((each) => each.name === KUBELET_CLIENT)!;
    if (signer.refusal(wanted, request.spec.usages ?? []) !== undefined) return;
    const recognized = RECOGNIZERS.filter(({ fits }) => fits(wanted, request.spec.username));
    for (const { permission, message } of recognized)
      if (await this.isAllowed(request, permission)) return this.approve(request, message);
    const tried = recognized.map(({ permission }) => permission).join(' ');
    throw new Error(`recognized csr ${JSON.stringify(name)} as [${tried}] but subject access review was not approved`);
  }

  private async isAllowed({ spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
    const { username: user, uid, groups, extra } = spec;
    const resourceAttributes = {
      group: 'certificates.k8s.io',
      resource: 'certificatesigningrequests',
      verb: 'create',
      version: '*',
      subresource,
    };
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        resourceAttributes,
        user,
        ...(uid ? { uid } : {}),
        ...(groups ? { groups } : {}),
        ...(extra ? { extra } : {}),
      },
    };
    const answer = await this.context.client
      .resource(subjectaccessreviews)
      .create(review as KubeObject as SubjectAccessReview);
    return answer.status?.allowed === true;
  }

  private async approve(request: CertificateSigningRequest, message: string): Promise<void> {
    const time = formatTime(this.context.clock.now());
    const approved = {
      type: 'Approved',
      status: 'True',
      reason: 'AutoApproved',
      message,
      lastUpdateTime: time,
      lastTransitionTime: time,
    };
    const status = { ...request.status, conditions: [...(request.status?.conditions ?? []), approved] };
    try {
      await this.context.client
        .resource(certificatesigningrequests)
        .update({ ...request, status }, { subresource: 'approval' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function isDecided({ status }: CertificateSigningRequest): boolean {
  return status?.conditions?.some(({ type }) => type === 'Approved' || type === 'Denied') === true;
}
