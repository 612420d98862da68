import type { CertificateSigningRequest } from '@pilothouse/api';
import { certificateInfo } from '@pilothouse/pki';

const HOUR_MS = 3600 * 1000;
const [DECIDED_MS, PENDING_MS] = [HOUR_MS, 24 * HOUR_MS] as const;

/**
 * When the request may go, in milliseconds since the epoch: an hour after it was signed, denied or refused, a day after
 * it was made when nobody decided, and as soon as its certificate has expired. Mirrors
 * pkg/controller/certificates/cleaner.
 */
export function dueAtMs(request: CertificateSigningRequest): number {
  const conditions = request.status?.conditions ?? [];
  const timeOf = (type: string): number | undefined => {
    const condition = conditions.find((each) => each.type === type);
    return condition && Date.parse(condition.lastUpdateTime ?? condition.lastTransitionTime ?? '');
  };
  const created = Date.parse(request.metadata.creationTimestamp ?? '');
  const refused = timeOf('Denied') ?? timeOf('Failed');
  if (refused !== undefined) return refused + DECIDED_MS;
  const approved = timeOf('Approved');
  if (approved === undefined) return created + PENDING_MS;
  const { certificate } = request.status ?? {};
  if (!certificate) return approved + PENDING_MS;
  return Math.min(approved + DECIDED_MS, expiryMs(certificate));
}

/** What is no certificate never expires. */
function expiryMs(certificate: string): number {
  try {
    return certificateInfo(Buffer.from(certificate, 'base64').toString('utf8')).notAfter.getTime();
  } catch {
    return Infinity;
  }
}
