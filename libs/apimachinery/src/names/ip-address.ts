import { type FieldError, type FieldPath, invalidValue } from '../validation/field-error.ts';

/** A parsed IP address. IPv4 in IPv6 form (`::ffff:10.0.0.1`) counts as version 4, as Go's net.IP does. */
export interface IpAddress {
  readonly version: 4 | 6;
  readonly value: bigint;
}

export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

const IPV4_MAPPED = 0xffffn;

/** Reads an address as old Kubernetes does: leading zeros in an IPv4 octet are allowed and decimal. */
export function parseIp(text: string): IpAddress | undefined {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return { version: 4, value: ipv4 };
  const ipv6 = parseIpv6(text);
  if (ipv6 === undefined) return undefined;
  return ipv6 >> 32n === IPV4_MAPPED ? { version: 4, value: ipv6 & 0xffffffffn } : { version: 6, value: ipv6 };
}

export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? undefined : parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  const mapped = address.version === 4 && text.slice(0, slash).includes(':');
  const prefixLength = Number(length) - (mapped ? 96 : 0);
  return prefixLength < 0 || prefixLength > addressBits(address.version) ? undefined : { address, prefixLength };
}

export const addressBits = (version: 4 | 6): number => (version === 4 ? 32 : 128);

/** The address as Go prints it: dotted, or RFC 5952. */
export function formatIp({ version, value }: IpAddress): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  const { start, length } = longestZeroRun(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** The network of a CIDR: its address with the host bits cleared. */
export function networkOf({ address, prefixLength }: Cidr): Cidr {
  const host = BigInt(addressBits(address.version) - prefixLength);
  return { address: { version: address.version, value: (address.value >> host) << host }, prefixLength };
}

export const formatCidr = ({ address, prefixLength }: Cidr): string => `${formatIp(address)}/${prefixLength}`;

export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  if (cidr.address.version !== address.version) return false;
  const host = BigInt(addressBits(address.version) - cidr.prefixLength);
  return cidr.address.value >> host === address.value >> host;
}

export const isIPv4 = (text: string): boolean => parseIp(text)?.version === 4;
export const isIPv6 = (text: string): boolean => parseIp(text)?.version === 6;

export function validateIp(text: string, path: FieldPath): FieldError[] {
  if (parseIp(text) !== undefined) return [];
  return [invalidValue(path, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

export function validateIPv4(text: string, path: FieldPath): FieldError[] {
  return isIPv4(text) ? [] : [invalidValue(path, text, 'must be a valid IPv4 address')];
}

export function validateIPv6(text: string, path: FieldPath): FieldError[] {
  return isIPv6(text) ? [] : [invalidValue(path, text, 'must be a valid IPv6 address')];
}

export function validateCidr(text: string, path: FieldPath): FieldError[] {
  if (parseCidr(text) !== undefined) return [];
  return [invalidValue(path, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}

function parseIpv4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let value = 0n;
  for (const octet of octets) {
    if (!/^[0-9]{1,3}$/.test(octet) || Number(octet) > 255) return undefined;
    value = (value << 8n) | BigInt(octet);
  }
  return value;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** Sixteen-bit groups; the last ones may be written as an IPv4 address. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const ipv4 = last && i === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) groups.push(Number(ipv4 >> 16n), Number(ipv4 & 0xffffn));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, i) => {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  });
  return best;
}
