import { X509Certificate } from 'node:crypto';
import {
  invalidValue,
  isDNS1123Subdomain,
  isValidPortNum,
  required,
  type FieldError,
  type FieldPath,
} from '@pilothouse/apimachinery';
import type { ServiceReference } from '../generated/types/apiextensions-v1.ts';
import { pemBlocks } from '../certificates/pem.ts';
import { parseGoUrl } from './go-url.ts';

const URL_FORM = '; desired format: https://host[/path]';

/** Upstream: apiserver/pkg/util/webhook. */
export function validateWebhookUrl(text: string, path: FieldPath): FieldError[] {
  const url = parseGoUrl(text);
  if ('error' in url) return [required(path, `url must be a valid URL: ${url.error}${URL_FORM}`)];
  const errors: FieldError[] = [];
  const fail = (value: string, why: string): number => errors.push(invalidValue(path, value, why));
  if (url.scheme !== 'https') fail(url.scheme, `'https' is the only allowed URL scheme${URL_FORM}`);
  if (url.host === '') fail(url.host, `host must be specified${URL_FORM}`);
  if (url.user !== undefined) fail(url.user, 'user information is not permitted in the URL');
  if (url.fragment !== '') fail(url.fragment, 'fragments are not permitted in the URL');
  if (url.query !== '') fail(url.query, 'query parameters are not permitted in the URL');
  return errors;
}

export function validateWebhookService(service: ServiceReference, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!service.name) errors.push(required(path.child('name'), 'service name is required'));
  if (!service.namespace) errors.push(required(path.child('namespace'), 'service namespace is required'));
  const portErrors = isValidPortNum(service.port ?? 443);
  if (portErrors.length > 0)
    errors.push(invalidValue(path.child('port'), service.port, `port is not valid: ${portErrors.join(', ')}`));
  return service.path === undefined ? errors : [...errors, ...validateUrlPath(service.path, path.child('path'))];
}

function validateUrlPath(urlPath: string, path: FieldPath): FieldError[] {
  if (urlPath === '/' || urlPath === '') return [];
  if (urlPath === '//') return [invalidValue(path, urlPath, 'segment[0] may not be empty')];
  const errors: FieldError[] = [];
  if (!urlPath.startsWith('/')) errors.push(invalidValue(path, urlPath, `must start with a '/'`));
  const steps = urlPath.slice(1).replace(/\/$/, '').split('/');
  steps.forEach((step, at) => {
    if (step === '') errors.push(invalidValue(path, urlPath, `segment[${at}] may not be empty`));
    else errors.push(...isDNS1123Subdomain(step).map((why) => invalidValue(path, urlPath, `segment[${at}]: ${why}`)));
  });
  return errors;
}

/** `caBundle` in Base64; it must hold a certificate. */
export function validateCaBundle(caBundle: string, path: FieldPath): FieldError[] {
  const problem = caProblem(Buffer.from(caBundle, 'base64').toString());
  return problem === undefined ? [] : [invalidValue(path, caBundle, `unable to load root certificates: ${problem}`)];
}

/** Upstream: client-go/transport, rootCertPool. */
function caProblem(text: string): string | undefined {
  const certificates = pemBlocks(text).filter(({ type, hasHeaders }) => type === 'CERTIFICATE' && !hasHeaders);
  if (certificates.some(({ bytes }) => isCertificate(bytes))) return undefined;
  return certificates.length === 0
    ? 'unable to parse bytes as PEM block'
    : 'failed to parse certificate: x509: malformed certificate';
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).subject !== undefined;
  } catch {
    return false;
  }
}
