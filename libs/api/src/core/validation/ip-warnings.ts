import { type FieldPath, formatCidr, formatIp, networkOf, parseCidr, parseIp } from '@pilothouse/apimachinery';

/** An address that is valid, but not written as it would be printed. */
export function ipWarnings(text: string, path: FieldPath): string[] {
  const ip = parseIp(text);
  if (ip === undefined) return [];
  const canonical = formatIp(ip);
  if (canonical === text) return [];
  return ip.version === 6
    ? [
        `${path}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`,
      ]
    : [nonStandard(path, 'IP address', text, canonical)];
}

/** The same for `address/prefix` values, which may also name a machine where a network is meant. */
export function cidrWarnings(text: string, path: FieldPath): string[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return [];
  const network = formatCidr(networkOf(cidr));
  const warnings: string[] = [];
  if (networkOf(cidr).address.value !== cidr.address.value) {
    const single = `${formatIp(cidr.address)}/${cidr.address.version === 4 ? 32 : 128}`;
    warnings.push(
      `${path}: CIDR value ${JSON.stringify(text)} is ambiguous in this context (should be "${network}" or "${single}"?)`,
    );
  }
  if (formatCidr(cidr) === text) return warnings;
  if (cidr.address.version === 4) warnings.push(nonStandard(path, 'CIDR value', text, network));
  else if (warnings.length === 0) {
    warnings.push(
      `${path}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format ("${network}")`,
    );
  }
  return warnings;
}

const nonStandard = (path: FieldPath, what: string, text: string, canonical: string): string =>
  `${path}: non-standard ${what} ${JSON.stringify(text)} will be considered invalid in a future Kubernetes release: use "${canonical}"`;
