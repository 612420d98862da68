import { readFile } from 'node:fs/promises';
import { isNotFound } from '@pilothouse/apimachinery';
import { type CertificateSigningRequest, certificatesigningrequests } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import { type CertificatePair, readCertificateRequest, signCertificateRequest } from '@pilothouse/pki';
import type { ControllerContext } from '../../controller-context.ts';
import { pemOf } from '../certificate-requests.ts';
import { formatTime } from '../conditions.ts';
import { isDue, isOurSigner, refusal, usagesOf, validSeconds } from './plan.ts';

const SECONDS_A_DAY = 24 * 3600;

/**
 * Signs approved requests of the `kubernetes.io` signers with the cluster's authority; without one
 * (`--cluster-signing-cert-file` and `-key-file`) it does nothing. Mirrors pkg/controller/certificates/signer.
 */
export class CertificateSigningController implements Controller {
  readonly name = 'certificatesigningrequest-signing-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly requests: SharedInformer<CertificateSigningRequest>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.requests = context.informers.for(certificatesigningrequests);
    const enqueue = (request: CertificateSigningRequest): void => {
      if (isOurSigner(request) && isDue(request)) this.queue.add(request.metadata.name ?? '');
    };
    this.requests.addHandler({ onAdd: enqueue, onUpdate: (_, request) => enqueue(request) });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const request = this.requests.lister.get(name);
    if (!request || !isDue(request)) return;
    const authority = await this.authority();
    if (!authority) return;
    const why = await this.refusalOf(request);
    if (why !== undefined) return this.write(request, { ...request.status, conditions: this.failed(request, why) });
    const certificate = await signCertificateRequest(authority, pemOf(request), {
      usages: usagesOf(request),
      days: validSeconds(request) / SECONDS_A_DAY,
      now: this.context.clock.now(),
    });
    await this.write(request, { ...request.status, certificate: Buffer.from(certificate).toString('base64') });
  }

  /** Read each time: the files may be rotated. */
  private async authority(): Promise<CertificatePair | undefined> {
    const { clusterSigningCertFile, clusterSigningKeyFile } = this.context.options;
    if (!clusterSigningCertFile || !clusterSigningKeyFile) return undefined;
    const [certPem, keyPem] = await Promise.all([
      readFile(clusterSigningCertFile, 'utf8'),
      readFile(clusterSigningKeyFile, 'utf8'),
    ]);
    return { certPem, keyPem };
  }

  private async refusalOf(request: CertificateSigningRequest): Promise<string | undefined> {
    const asked = await readCertificateRequest(pemOf(request));
    if (!asked.signatureValid) return 'the request is not signed by its own key';
    return refusal(request, asked);
  }

  private failed(request: CertificateSigningRequest, message: string) {
    const time = formatTime(this.context.clock.now());
    const failed = {
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message,
      lastUpdateTime: time,
      lastTransitionTime: time,
    };
    return [...(request.status?.conditions ?? []), failed];
  }

  private async write(
    request: CertificateSigningRequest,
    status: NonNullable<CertificateSigningRequest['status']>,
  ): Promise<void> {
    try {
      await this.context.client
        .resource(certificatesigningrequests)
        .update({ ...request, status }, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
