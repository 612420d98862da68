import { isIPv6 } from 'node:net';
import { type FieldError, type FieldPath, invalidValue } from '@pilothouse/apimachinery';

const BAD_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const BAD_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** The 4 or 16 bytes of an address; IPv4 parts may have leading zeros, which old Kubernetes read as decimal. */
export function parseIpSloppy(text: string): readonly number[] | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!/^\d{1,10}$/.test(part) || Number(part) > 255) return undefined;
    bytes.push(Number(part));
  }
  return bytes;
}

function parseIpv6(text: string): number[] | undefined {
  const hex = text.includes('.') ? withoutDottedTail(text) : text;
  if (hex === undefined || hex.includes('%') || !isIPv6(hex)) return undefined;
  const [before = '', after] = hex.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** `::ffff:10.0.0.1` as `::ffff:a00:1`. */
function withoutDottedTail(text: string): string | undefined {
  const start = text.lastIndexOf(':') + 1;
  const v4 = parseIpv4(text.slice(start));
  return v4 && `${text.slice(0, start)}${hexPair(v4, 0)}:${hexPair(v4, 2)}`;
}

const hexPair = (bytes: readonly number[], at: number): string =>
  (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16);

/** `::ffff:10.0.0.1`, which some parsers take for IPv4 and others do not. */
export function isIpv4Mapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
}

/** The family an address belongs to; undefined when it is none. IPv4-mapped addresses are IPv4. */
export function ipFamily(text: string): 'IPv4' | 'IPv6' | undefined {
  const bytes = parseIpSloppy(text);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 || isIpv4Mapped(bytes) ? 'IPv4' : 'IPv6';
}

const hasLeadingZeros = (text: string): boolean =>
  text.includes('.') && /(?:^|\.)0\d/.test(text.slice(text.lastIndexOf(':') + 1));

/**
 * The rule for address fields as old as Kubernetes: what was accepted before stays accepted (`old`), new values must be
 * unambiguous (KEP-4858, in force since 1.36).
 */
export function validateLegacyIp(value: string, path: FieldPath, errors: FieldError[], old: readonly string[] = []): void {
  if (old.includes(value)) return;
  const bytes = parseIpSloppy(value);
  if (bytes === undefined) errors.push(invalidValue(path, value, BAD_IP));
  else if (hasLeadingZeros(value)) errors.push(invalidValue(path, value, 'must not have leading 0s'));
  else if (isIpv4Mapped(bytes)) errors.push(invalidValue(path, value, 'must not be an IPv4-mapped IPv6 address'));
}

/** The same for `address/prefix` values. */
export function validateLegacyCidr(value: string, path: FieldPath, errors: FieldError[], old: readonly string[] = []): void {
  if (old.includes(value)) return;
  const [address = '', prefix = '', ...rest] = value.split('/');
  const bytes = parseIpSloppy(address);
  const length = /^\d+$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (bytes === undefined || rest.length > 0 || !(length <= bytes.length * 8)) {
    errors.push(invalidValue(path, value, BAD_CIDR));
    return;
  }
  if (hasLeadingZeros(address) || /^0\d/.test(prefix)) {
    errors.push(invalidValue(path, value, 'must not have leading 0s in IP or prefix length'));
  } else if (isIpv4Mapped(bytes)) {
    errors.push(invalidValue(path, value, 'must not have an IPv4-mapped IPv6 address'));
  }
  if (hasBitsBeyond(bytes, length)) {
    errors.push(invalidValue(path, value, 'must not have bits set beyond the prefix length'));
  }
}

function hasBitsBeyond(bytes: readonly number[], prefix: number): boolean {
  return bytes.some((byte, at) => {
    const kept = Math.min(8, Math.max(0, prefix - at * 8));
    return (byte & (0xff >> kept)) !== 0;
  });
}

/** An address that traffic can be sent to: endpoints, and for historical reasons a service's external IPs. */
export function validateEndpointIp(value: string, path: FieldPath, errors: FieldError[]): void {
  const parsed = parseIpSloppy(value);
  if (parsed === undefined) {
    errors.push(invalidValue(path, value, 'must be a valid IP address'));
    return;
  }
  const bytes = isIpv4Mapped(parsed) ? parsed.slice(12) : parsed;
  const [a = 0, b = 0, c = 0] = bytes;
  const v4 = bytes.length === 4;
  const lastOnly = bytes.slice(0, -1).every((byte) => byte === 0);
  if (lastOnly && bytes.at(-1) === 0) errors.push(invalidValue(path, value, `may not be unspecified (${value})`));
  if (v4 ? a === 127 : lastOnly && bytes.at(-1) === 1) {
    errors.push(invalidValue(path, value, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'));
  }
  if (v4 ? a === 169 && b === 254 : a === 0xfe && (b & 0xc0) === 0x80) {
    errors.push(invalidValue(path, value, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'));
  }
  if (v4 ? a === 224 && b === 0 && c === 0 : a === 0xff && (b & 0x0f) === 0x02) {
    errors.push(invalidValue(path, value, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'));
  }
}
