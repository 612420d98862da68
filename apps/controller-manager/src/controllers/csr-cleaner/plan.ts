import type { CertificateSigningRequest } from '@pilothouse/api';
import { certificateInfo } from '@pilothouse/pki';

const HOUR_MS = 3_600_000;
/** What was decided stays for an hour to be looked at, what nobody decides for a day. */
const DECIDED_TTL_MS = HOUR_MS;
const PENDING_TTL_MS = 24 * HOUR_MS;

/**
 * Whether nobody needs the request any more. One that is approved and has no certificate yet stays: its signer may take
 * its time. Pure. Upstream: pkg/controller/certificates/cleaner.
 */
export function isOver({ metadata, status }: CertificateSigningRequest, now: Date): boolean {
  const isOld = (time: string | null | undefined, ttlMs: number): boolean =>
    Boolean(time) && now.getTime() - Date.parse(time!) > ttlMs;
  const { conditions = [], certificate } = status ?? {};
  if (conditions.length === 0) return isOld(metadata.creationTimestamp, PENDING_TTL_MS);
  return conditions.some(({ type, lastUpdateTime }) => {
    if (type === 'Denied' || type === 'Failed') return isOld(lastUpdateTime, DECIDED_TTL_MS);
    if (type !== 'Approved' || !certificate) return false;
    return isOld(lastUpdateTime, DECIDED_TTL_MS) || isExpired(certificate, now);
  });
}

/** What is no certificate at all does not expire. */
function isExpired(certificate: string, now: Date): boolean {
  try {
    return certificateInfo(Buffer.from(certificate, 'base64').toString()).notAfter.getTime() < now.getTime();
  } catch {
    return false;
  }
}
