import {
  type Cidr,
  cidrContains,
  type FieldError,
  type FieldPath,
  invalidValue,
  networkOf,
  parseCidr,
  parseIp,
} from '@pilothouse/apimachinery';

const BAD_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const BAD_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** The family an address belongs to; undefined when it is none. IPv4-mapped addresses are IPv4. */
export function ipFamily(text: string): 'IPv4' | 'IPv6' | undefined {
  const ip = parseIp(text);
  return ip && (ip.version === 4 ? 'IPv4' : 'IPv6');
}

/** `::ffff:10.0.0.1`, which some parsers take for IPv4 and others do not. */
const isIpv4Mapped = (text: string): boolean => text.includes(':') && parseIp(text)?.version === 4;

const hasLeadingZeros = (text: string): boolean =>
  text.includes('.') && /(?:^|\.)0\d/.test(text.slice(text.lastIndexOf(':') + 1));

/**
 * The rule for address fields as old as Kubernetes: what was accepted before stays accepted (`old`), new values must be
 * unambiguous (KEP-4858, in force since 1.36).
 */
export function validateLegacyIp(
  value: string,
  path: FieldPath,
  errors: FieldError[],
  old: readonly string[] = [],
): void {
  if (old.includes(value)) return;
  if (parseIp(value) === undefined) errors.push(invalidValue(path, value, BAD_IP));
  else if (hasLeadingZeros(value)) errors.push(invalidValue(path, value, 'must not have leading 0s'));
  else if (isIpv4Mapped(value)) errors.push(invalidValue(path, value, 'must not be an IPv4-mapped IPv6 address'));
}

/** The same for `address/prefix` values. */
export function validateLegacyCidr(
  value: string,
  path: FieldPath,
  errors: FieldError[],
  old: readonly string[] = [],
): void {
  if (old.includes(value)) return;
  const cidr = parseCidr(value);
  const address = value.split('/', 1)[0] ?? '';
  if (cidr === undefined) {
    errors.push(invalidValue(path, value, BAD_CIDR));
    return;
  }
  if (hasLeadingZeros(address)) {
    errors.push(invalidValue(path, value, 'must not have leading 0s in IP or prefix length'));
  } else if (isIpv4Mapped(address)) {
    errors.push(invalidValue(path, value, 'must not have an IPv4-mapped IPv6 address'));
  }
  if (networkOf(cidr).address.value !== cidr.address.value) {
    errors.push(invalidValue(path, value, 'must not have bits set beyond the prefix length'));
  }
}

/** Addresses that a machine has for itself or its link. */
const NOT_FOR_ENDPOINTS: readonly { readonly ranges: readonly Cidr[]; readonly problem: string }[] = [
  ['127.0.0.0/8 ::1/128', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ['169.254.0.0/16 fe80::/10', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ['224.0.0.0/24 ff02::/16', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
].map(([ranges = '', problem = '']) => ({
  ranges: ranges.split(' ').flatMap((range) => parseCidr(range) ?? []),
  problem,
}));

/** An address that traffic can be sent to: endpoints, and for historical reasons a service's external IPs. */
export function validateEndpointIp(value: string, path: FieldPath, errors: FieldError[]): void {
  const ip = parseIp(value);
  if (ip === undefined) {
    errors.push(invalidValue(path, value, 'must be a valid IP address'));
    return;
  }
  if (ip.value === 0n) errors.push(invalidValue(path, value, `may not be unspecified (${value})`));
  for (const { ranges, problem } of NOT_FOR_ENDPOINTS) {
    if (ranges.some((range) => cidrContains(range, ip))) errors.push(invalidValue(path, value, problem));
  }
}
