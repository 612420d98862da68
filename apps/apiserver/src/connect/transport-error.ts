/**
 * Why an HTTPS call failed, in the words of Go's net and tls packages: they end up in what kubectl prints, and people
 * search for them.
 */
export function describeTransportError(error: unknown, host: string): string {
  const { code, message, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const dial = `dial tcp ${address === undefined ? host : joinHostPort(address, port ?? 443)}: connect: `;
  switch (code) {
    case 'ECONNREFUSED':
      return `${dial}connection refused`;
    case 'EHOSTUNREACH':
      return `${dial}no route to host`;
    case 'ENETUNREACH':
      return `${dial}network is unreachable`;
    case 'ETIMEDOUT':
      return `dial tcp ${host}: i/o timeout`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`;
    case 'ECONNRESET':
      return 'EOF';
    case 'EPROTO':
      return 'http: server gave HTTP response to HTTPS client';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'CERT_SIGNATURE_FAILURE':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return describeWrongName(error as Error & { cert?: { subjectaltname?: string } }, host.replace(/:\d+$/, ''));
    default:
      return message;
  }
}

function describeWrongName({ cert }: Error & { cert?: { subjectaltname?: string } }, host: string): string {
  const names = (cert?.subjectaltname ?? '')
    .split(', ')
    .filter((each) => each !== '')
    .map((each) => each.replace(/^(DNS|IP Address):/, ''));
  const why =
    names.length === 0
      ? `certificate is not valid for any names, but wanted to match ${host}`
      : `certificate is valid for ${names.join(', ')}, not ${host}`;
  return `tls: failed to verify certificate: x509: ${why}`;
}

export function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
