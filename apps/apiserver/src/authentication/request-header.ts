import { X509Certificate } from 'node:crypto';
import type { ApiRequest } from '../request.ts';
import type { Authenticator } from './authenticator.ts';
import { tlsSocketOf } from './client-certificate.ts';
import { splitPem } from './split-pem.ts';
import type { UserInfo } from './user-info.ts';

/** How a front proxy says who asks. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#authenticating-proxy */
export interface RequestHeaderOptions {
  /** PEM bundle of the proxies' authority. */
  readonly clientCa: string;
  /** Common names of proxies; any when empty. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** The word of a proxy counts only when its own certificate is of the proxies' authority. */
export function requestHeader(options: RequestHeaderOptions): Authenticator {
  const authorities = splitPem(options.clientCa).map((pem) => new X509Certificate(pem));
  return {
    async authenticate(request) {
      const name = firstHeader(request, options.usernameHeaders);
      if (name === undefined || !isTrustedProxy(request, authorities, options.allowedNames)) return undefined;
      const groups = options.groupHeaders.flatMap((header) => headerValues(request, header));
      const extra = extraOf(request, options.extraHeaderPrefixes);
      const user: UserInfo = { name, groups, ...(Object.keys(extra).length > 0 ? { extra } : {}) };
      for (const header of [...options.usernameHeaders, ...options.groupHeaders])
        delete request.headers[header.toLowerCase()];
      return user;
    },
  };
}

function isTrustedProxy(
  request: ApiRequest,
  authorities: readonly X509Certificate[],
  names: readonly string[],
): boolean {
  const raw = tlsSocketOf(request)?.getPeerCertificate(false).raw;
  if (raw === undefined) return false;
  const certificate = new X509Certificate(raw);
  const now = Date.now();
  if (Date.parse(certificate.validTo) < now || Date.parse(certificate.validFrom) > now) return false;
  if (!authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey)))
    return false;
  const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '';
  return names.length === 0 || names.includes(commonName);
}

function headerValues({ http }: ApiRequest, name: string): string[] {
  const values: string[] = [];
  const raw = http.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) if (raw[i]!.toLowerCase() === name.toLowerCase()) values.push(raw[i + 1]!);
  return values;
}

function firstHeader(request: ApiRequest, names: readonly string[]): string | undefined {
  return names.flatMap((name) => headerValues(request, name)).find((value) => value !== '');
}

function extraOf(request: ApiRequest, prefixes: readonly string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const header of Object.keys(request.headers)) {
    const prefix = prefixes.find((each) => header.startsWith(each.toLowerCase()));
    if (prefix) extra[decodeURIComponent(header.slice(prefix.length))] = headerValues(request, header);
  }
  return extra;
}
