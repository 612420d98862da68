import { readFileSync } from 'node:fs';
import { isNotFound } from '@pilothouse/apimachinery';
import {
  type CertificateSigningRequest,
  type CertificateSigningRequestCondition,
  certificatesigningrequests,
} from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import { type CertificatePair, readCertificateRequest, signCertificateRequest } from '@pilothouse/pki';
import type { ControllerContext } from '../../controller-context.ts';
import { followRequests } from '../certificate-requests.ts';
import { formatTime } from '../conditions.ts';
import { signers, type Signer } from './signers.ts';

const DAY_SECONDS = 24 * 3600;
/** Upstream gives no certificate for less, whatever was asked for. */
const MIN_SECONDS = 600;

/** Signs approved certificate requests for the cluster's own signers. Mirrors pkg/controller/certificates/signer. */
export class CsrSigningController implements Controller {
  readonly name = 'certificatesigningrequest-signing-controller';
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
    const signer = request && signers.find((each) => each.name === request.spec.signerName);
    if (!signer || request.status?.certificate || !isApproved(request)) return;
    const authority = this.authority();
    if (authority === undefined) return;
    try {
      await this.context.client
        .resource(certificatesigningrequests)
        .update(await this.answered(request, signer, authority), { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Read each time, so that a renewed authority signs from then on. */
  private authority(): CertificatePair | undefined {
    const { clusterSigningCertFile, clusterSigningKeyFile } = this.context.options;
    if (!clusterSigningCertFile || !clusterSigningKeyFile) return undefined;
    return {
      certPem: readFileSync(clusterSigningCertFile, 'utf8'),
      keyPem: readFileSync(clusterSigningKeyFile, 'utf8'),
    };
  }

  private async answered(
    request: CertificateSigningRequest,
    signer: Signer,
    authority: CertificatePair,
  ): Promise<CertificateSigningRequest> {
    const { spec, status } = request;
    const pem = Buffer.from(spec.request, 'base64').toString();
    const usages = spec.usages ?? [];
    const now = this.context.clock.now();
    const refusal = signer.refusal(await readCertificateRequest(pem), usages);
    if (refusal !== undefined) {
      const conditions = [...(status?.conditions ?? []), failed(refusal, now)];
      return { ...request, status: { ...status, conditions } };
    }
    const certificate = await signCertificateRequest(authority, pem, {
      usages: [
        ...(usages.includes('server auth') ? (['server'] as const) : []),
        ...(usages.includes('client auth') ? (['client'] as const) : []),
      ],
      days: planLifetimeSeconds(spec.expirationSeconds, this.context.options.clusterSigningDurationMs) / DAY_SECONDS,
      now,
    });
    return { ...request, status: { ...status, certificate: Buffer.from(certificate).toString('base64') } };
  }
}

/** The shorter of what was asked for and what `--cluster-signing-duration` allows, but never less than ten minutes. */
export function planLifetimeSeconds(wantedSeconds: number | undefined, longestMs: number): number {
  const longest = longestMs / 1000;
  if (wantedSeconds === undefined || wantedSeconds > longest) return longest;
  return Math.max(wantedSeconds, MIN_SECONDS);
}

function isApproved({ status }: CertificateSigningRequest): boolean {
  const has = (type: string) => status?.conditions?.some((each) => each.type === type) === true;
  return has('Approved') && !has('Denied') && !has('Failed');
}

function failed(message: string, now: Date): CertificateSigningRequestCondition {
  const time = formatTime(now);
  return {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
    lastUpdateTime: time,
    lastTransitionTime: time,
  };
}
