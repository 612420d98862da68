import { X509Certificate } from 'node:crypto';
import {
  deepEqual,
  duplicate,
  type FieldError,
  fieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '@pilothouse/api';
import { lineDiff } from '../core/validation/line-diff.ts';
import { validateSignerName } from '../core/validation/signer-name.ts';
import { readCertificateRequest } from './certificate-request.ts';
import { pemBlocks } from './pem.ts';

const SPEC = fieldPath('spec');
const CONDITIONS = fieldPath('status', 'conditions');
const CERTIFICATE = fieldPath('status', 'certificate');
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
const MIN_SECONDS = 600;
const FINAL = ['Approved', 'Denied', 'Failed'];
const STATUSES = ['False', 'True', 'Unknown'];

/** https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#key-usage */
const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** `old`: what is stored already may stay as it is, though the rule is younger. */
export function validateRequest(each: CertificateSigningRequest, old?: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = [];
  const { request, usages = [], signerName, expirationSeconds } = each.spec;
  const problem = requestProblem(request);
  if (problem) errors.push(invalidValue(SPEC.child('request'), request, problem));
  validateUsages(usages, old?.spec.usages ?? [], errors);
  if (signerName === LEGACY_SIGNER && old?.spec.signerName !== LEGACY_SIGNER) {
    errors.push(
      invalidValue(SPEC.child('signerName'), signerName, 'the legacy signerName is not allowed via this API version'),
    );
  } else validateSignerName(signerName, SPEC.child('signerName'), errors);
  if (expirationSeconds !== undefined && expirationSeconds < MIN_SECONDS) {
    const detail = `may not specify a duration less than ${MIN_SECONDS} seconds (10 minutes)`;
    errors.push(invalidValue(SPEC.child('expirationSeconds'), expirationSeconds, detail));
  }
  validateRequestConditions(each.status?.conditions ?? [], old?.status?.conditions ?? [], errors);
  const certificate = each.status?.certificate;
  if (
    certificate &&
    certificate !== old?.status?.certificate &&
    !(old && certificateProblem(old.status?.certificate))
  ) {
    const wrong = certificateProblem(certificate);
    if (wrong) errors.push(invalidValue(CERTIFICATE, '<certificate data>', wrong));
  }
  return errors;
}

function requestProblem(request: string | undefined): string | undefined {
  const [block] = pemBlocks(Buffer.from(request ?? '', 'base64').toString());
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST';
  return messageOf(() => readCertificateRequest(block.bytes));
}

function certificateProblem(certificate: string | undefined): string | undefined {
  if (!certificate) return undefined;
  const blocks = pemBlocks(Buffer.from(certificate, 'base64').toString());
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    // What OpenSSL says differs from what Go says, which mostly is this.
    if (messageOf(() => new X509Certificate(bytes))) return 'x509: malformed certificate';
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

function messageOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function validateUsages(usages: readonly string[], old: readonly string[], errors: FieldError[]): void {
  const at = SPEC.child('usages');
  if (usages.length === 0) errors.push(required(at));
  const knows = (list: readonly string[]): boolean => list.every((usage) => USAGES.includes(usage));
  if (knows(old)) {
    usages.forEach((usage, index) => {
      if (!USAGES.includes(usage)) errors.push(notSupported(at.index(index), usage, USAGES));
    });
  }
  if (new Set(old).size < old.length) return;
  usages.forEach((usage, index) => {
    if (usages.indexOf(usage) < index) errors.push(duplicate(at.index(index), usage));
  });
}

type Conditions = readonly CertificateSigningRequestCondition[];

const typesOf = (conditions: Conditions): string[] => conditions.map(({ type }) => type);
const hasBothDecisions = (types: readonly string[]): boolean => types.includes('Approved') && types.includes('Denied');

function validateRequestConditions(conditions: Conditions, old: Conditions, errors: FieldError[]): void {
  const before = typesOf(old);
  const mayDecideBoth = hasBothDecisions(before);
  const mayRepeat = new Set(before).size < before.length;
  const types: string[] = [];
  conditions.forEach(({ type, status }, index) => {
    const at = CONDITIONS.index(index);
    if (!type && !before.includes('')) errors.push(required(at.child('type')));
    const allowed = FINAL.includes(type) ? ['True'] : STATUSES;
    if (!status) errors.push(required(at.child('status')));
    else if (!allowed.includes(status)) errors.push(notSupported(at.child('status'), status, allowed));
    const repeats = types.includes(type);
    types.push(type);
    if (!mayDecideBoth && (type === 'Approved' || type === 'Denied') && hasBothDecisions(types)) {
      errors.push(invalidValue(CONDITIONS, type, 'Approved and Denied conditions are mutually exclusive'));
    }
    if (repeats && !mayRepeat) errors.push(duplicate(at.child('type'), type));
  });
}

interface MayChange {
  readonly maySetApproval?: boolean;
  readonly maySetCertificate?: boolean;
}

/** What is decided, failed or issued stays so. */
export function validateRequestUpdate(
  next: CertificateSigningRequest,
  old: CertificateSigningRequest,
  may: MayChange,
): FieldError[] {
  const errors = validateRequest(next, old);
  const of = ({ status }: CertificateSigningRequest, type: string) =>
    (status?.conditions ?? []).filter((each) => each.type === type);
  const refuse = (detail: string): void => void errors.push(forbiddenField(CONDITIONS, detail));
  for (const type of FINAL) {
    if (of(next, type).length < of(old, type).length) refuse(`updates may not remove a condition of type "${type}"`);
  }
  if (!may.maySetApproval) {
    for (const type of ['Approved', 'Denied']) {
      const [after, before] = [of(next, type), of(old, type)];
      if (after.length > before.length) refuse(`updates may not add a condition of type "${type}"`);
      else if (after.length === before.length && !deepEqual(after, before)) {
        refuse(`updates may not modify a condition of type "${type}"\n${lineDiff(before, after)}`);
      }
    }
  }
  const [certificate = '', issued = ''] = [next.status?.certificate, old.status?.certificate];
  if (certificate === issued) return errors;
  if (!may.maySetCertificate) errors.push(forbiddenField(CERTIFICATE, 'updates may not set certificate content'));
  else if (issued) errors.push(forbiddenField(CERTIFICATE, 'updates may not modify existing certificate content'));
  return errors;
}
