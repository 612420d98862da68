import { X509Certificate } from 'node:crypto';
import {
  deepEqual,
  type FieldError,
  fieldPath,
  invalidValue,
  notSupported,
  OMIT_VALUE,
  type RequestContext,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import type { PodCertificateRequest, PodCertificateRequestStatus } from '@pilothouse/api';
import { validateConditions } from '../meta/validate-conditions.ts';
import { pemBlocks } from './pem.ts';
import { publicKeyOf } from './validate-pod-request.ts';

const STATUS = fieldPath('status');
const CHAIN = STATUS.child('certificateChain');
const OUTCOMES = ['Issued', 'Denied', 'Failed'];
const MAX_CHAIN = 100 * 1024;
const MINUTE_MS = 60_000;
/** Of a second: what a duration is counted in when it is shown. */
const NANOSECONDS = 1e9;

type Request = PodCertificateRequest;

const has = ({ status }: Request, ...types: string[]): boolean =>
  status?.conditions?.some((each) => types.includes(each.type) && each.status === 'True') ?? false;

/** A request is decided once: issued, denied or failed. After that, and before it, its status cannot change. */
export function validateIssuedStatus(next: Request, old: Request, { now }: RequestContext): FieldError[] {
  const errors = outcomeProblems(next.status ?? {});
  if (errors.length > 0) return errors;
  const unless = (same: boolean, detail: string): FieldError[] =>
    same ? [] : [invalidValue(STATUS, OMIT_VALUE, detail)];
  const isSame = deepEqual(next.status, old.status);
  if (has(old, ...OUTCOMES))
    return unless(isSame, 'immutable after PodCertificateRequest is issued, denied, or failed');
  if (has(next, 'Denied', 'Failed')) {
    const { conditions: _, ...rest } = next.status ?? {};
    const isEmpty = Object.values(rest).every((value) => value === undefined || value === '');
    return unless(
      isEmpty,
      'non-condition status fields must be empty when denying or failing the PodCertificateRequest',
    );
  }
  if (has(next, 'Issued')) return issuedProblems(next.status!, old, now);
  return unless(isSame, 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"');
}

function outcomeProblems({ conditions = [] }: PodCertificateRequestStatus): FieldError[] {
  const errors: FieldError[] = [];
  let outcomes = 0;
  conditions.forEach(({ type, status }, index) => {
    // Upstream makes the index a field of its own.
    const at = STATUS.child('conditions', `[${index}]`);
    if (!OUTCOMES.includes(type)) {
      errors.push(notSupported(at.child('type'), type, OUTCOMES));
      return;
    }
    if (++outcomes > 1) {
      errors.push(
        invalidValue(
          at.child('type'),
          type,
          'There may be at most one condition with type "Issued", "Denied", or "Failed"',
        ),
      );
    }
    if (status !== 'True') errors.push(notSupported(at.child('status'), status, ['True']));
  });
  validateConditions(conditions, STATUS.child('conditions'), errors);
  return errors;
}

function issuedProblems(status: PodCertificateRequestStatus, { spec }: Request, now: Date): FieldError[] {
  const chain = status.certificateChain ?? '';
  if (chain.length > MAX_CHAIN) return [tooLong(CHAIN, MAX_CHAIN)];
  const complaint = (detail: string): FieldError[] => [invalidValue(CHAIN, chain, detail)];
  const [first, ...others] = pemBlocks(chain);
  if (!first) return complaint('issued certificate chain must contain at least one certificate');
  if (first.type !== 'CERTIFICATE')
    return complaint('issued certificate chain must consist entirely of CERTIFICATE PEM blocks');
  const leaf = certificateOf(first.bytes);
  if (!leaf) return complaint('leaf certificate does not parse as valid X.509');
  const problemsOfNames = nameProblems(leaf);
  const wanted = publicKeyOf(spec.pkixPublicKey);
  if (wanted && !wanted.equals(leaf.publicKey))
    return [...problemsOfNames, ...complaint('leaf certificate was not issued to the requested public key')];
  const problems = timeProblems(status, leaf, spec.maxExpirationSeconds ?? 0, now);
  if (problemsOfNames.length > 0 && status.notBefore && status.notAfter && status.beginRefreshAt)
    return problemsOfNames;
  if (problemsOfNames.length > 0) return [...problemsOfNames, ...problems];
  if (problems.length > 0) return problems;
  for (const { type, bytes } of others) {
    if (type !== 'CERTIFICATE')
      return complaint('issued certificate chain must consist entirely of CERTFICATE PEM blocks');
    if (!certificateOf(bytes)) return complaint('intermediate certificate does not parse as valid X.509');
  }
  return [];
}

/** The names that a certificate is for must be names. */
function nameProblems({ subjectAltName = '' }: X509Certificate): FieldError[] {
  const names = subjectAltName.split(', ').filter((each) => each.startsWith('DNS:'));
  return names.flatMap((each) => {
    const name = each.slice('DNS:'.length);
    const complaint = (detail: string): FieldError => invalidValue(CHAIN, name, detail);
    return [
      ...(name === '' ? [complaint('leaf certificate should not contain empty DNSName')] : []),
      ...(name.includes('..') ? [complaint("leaf certificate's DNSName should not contain '..'")] : []),
      ...(/^\.|\.$/.test(name) ? [complaint("leaf certificate's DNSName should not start or end with '.'")] : []),
    ];
  });
}

function certificateOf(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** What the status says of times must be what the certificate says, and leave time to renew it. */
function timeProblems(
  status: PodCertificateRequestStatus,
  leaf: X509Certificate,
  maxSeconds: number,
  now: Date,
): FieldError[] {
  const { notBefore, notAfter, beginRefreshAt } = status;
  const path = (name: string) => STATUS.child(name);
  const consistent = 'must be present and consistent with the issued certificate';
  const missing = [
    ...(notBefore ? [] : [required(path('notBefore'), consistent)]),
    ...(notAfter ? [] : [required(path('notAfter'), consistent)]),
    ...(beginRefreshAt
      ? []
      : [required(path('beginRefreshAt'), 'must be present and in the range [notbefore+10min, notafter-10min]')]),
  ];
  if (!notBefore || !notAfter || !beginRefreshAt) return missing;
  const [from, until, refresh] = [Date.parse(notBefore), Date.parse(notAfter), Date.parse(beginRefreshAt)];
  const lifetimeSeconds = (until - from) / 1000;
  const rules: readonly (readonly [holds: boolean, at: string, value: unknown, detail: string])[] = [
    [
      from === Date.parse(leaf.validFrom),
      'notBefore',
      notBefore,
      'must be set to the NotBefore time encoded in the leaf certificate',
    ],
    [
      Math.abs(from - now.getTime()) < 5 * MINUTE_MS,
      'notBefore',
      notBefore,
      "must be set to within 5 minutes of kube-apiserver's current time",
    ],
    [
      until === Date.parse(leaf.validTo),
      'notAfter',
      notAfter,
      'must be set to the NotAfter time encoded in the leaf certificate',
    ],
    [
      lifetimeSeconds >= 3600,
      'certificateChain',
      lifetimeSeconds * NANOSECONDS,
      'leaf certificate lifetime must be >= 1 hour',
    ],
    [
      lifetimeSeconds <= maxSeconds,
      'certificateChain',
      lifetimeSeconds * NANOSECONDS,
      `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${maxSeconds})`,
    ],
    [
      refresh >= from + 10 * MINUTE_MS,
      'beginRefreshAt',
      beginRefreshAt,
      'must be at least 10 minutes after status.notBefore',
    ],
    [
      refresh <= until - 10 * MINUTE_MS,
      'beginRefreshAt',
      beginRefreshAt,
      'must be at least 10 minutes before status.notAfter',
    ],
  ];
  const broken = rules.find(([holds]) => !holds);
  return broken ? [invalidValue(path(broken[1]), broken[2], broken[3])] : [];
}
