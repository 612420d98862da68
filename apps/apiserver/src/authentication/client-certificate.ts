import type { ServerHttp2Stream } from 'node:http2';
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { unauthorized } from '@pilothouse/apimachinery';
import type { ApiRequest } from '../request.ts';
import type { Authenticator } from './authenticator.ts';
import { splitPem } from './split-pem.ts';
import type { UserInfo } from './user-info.ts';

/** The TLS connection that a request came over. */
export function tlsSocketOf(request: ApiRequest): TLSSocket | undefined {
  const stream = (request.http as unknown as { stream?: ServerHttp2Stream }).stream;
  const socket = stream?.session ? stream.session.socket : request.http.socket;
  return (socket as TLSSocket | undefined)?.encrypted ? (socket as TLSSocket) : undefined;
}

/** What a connection's certificate says of its holder. */
interface CertificateHolder {
  readonly user: UserInfo;
  readonly expiresAtMs: number;
}

/** A certificate does not change while its connection lasts, and reading it is slow. */
const holders = new WeakMap<object, CertificateHolder | 'none' | 'untrusted'>();

/** Common name → user, organizations → groups. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates */
export function clientCertificate(clientCa: string, used: (expiresAtMs: number) => void): Authenticator {
  const authorities = new Set(splitPem(clientCa).map((pem) => new X509Certificate(pem).fingerprint256));
  return {
    async authenticate(request) {
      const socket = tlsSocketOf(request);
      if (socket === undefined) return undefined;
      const owner = connectionOf(request, socket);
      let holder = holders.get(owner);
      if (holder === undefined) holders.set(owner, (holder = readCertificate(socket, authorities)));
      if (holder === 'untrusted') throw unauthorized();
      if (holder === 'none') return undefined;
      used(holder.expiresAtMs);
      return holder.user;
    },
  };
}

/** Under HTTP/2 `socket` is a new proxy each time; the session is what stays. */
function connectionOf(request: ApiRequest, socket: TLSSocket): object {
  const stream = (request.http as unknown as { stream?: ServerHttp2Stream }).stream;
  return stream?.session ?? socket;
}

function readCertificate(
  socket: TLSSocket,
  authorities: ReadonlySet<string>,
): CertificateHolder | 'none' | 'untrusted' {
  const certificate = socket.getPeerCertificate(true);
  const { subject } = certificate;
  if (subject === undefined) return 'none';
  // A front proxy's certificate is valid for TLS too, and says nothing about who its holder is.
  if (!socket.authorized) return 'untrusted';
  if (!isIssuedBy(certificate, authorities)) return 'none';
  const name = firstText(subject.CN);
  if (name === undefined) return 'none';
  const organizations = subject.O as string | string[] | undefined;
  const user = {
    name,
    groups: organizations === undefined ? [] : [organizations].flat(),
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${hexDigest(certificate)}`] },
  };
  return { user, expiresAtMs: Date.parse(certificate.valid_to) };
}

function hexDigest({ fingerprint256 }: DetailedPeerCertificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

function isIssuedBy(certificate: DetailedPeerCertificate, authorities: ReadonlySet<string>): boolean {
  for (let issuer = certificate.issuerCertificate; issuer !== undefined; issuer = issuer.issuerCertificate) {
    if (authorities.has(issuer.fingerprint256)) return true;
    // A root is its own issuer.
    if (issuer === issuer.issuerCertificate) return false;
  }
  return false;
}

function firstText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
