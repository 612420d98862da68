import { formatCidr, formatIp, networkOf, parseCidr, parseIp } from '@pilothouse/apimachinery';

const BAD_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const BAD_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

const hasLeadingZeros = (address: string): boolean => /(?:^|[.])0\d/.test(address) && address.includes('.');
const isMapped = (address: string): boolean => address.includes(':') && parseIp(address)?.version === 4;

/** What keeps a text from being an address as newer API fields want it: exactly as it would be printed. */
export function canonicalIpProblems(text: string): string[] {
  const ip = parseIp(text);
  if (!ip) return [BAD_IP];
  if (hasLeadingZeros(text)) return ['must not have leading 0s'];
  if (isMapped(text)) return ['must not be an IPv4-mapped IPv6 address'];
  return formatIp(ip) === text ? [] : [`must be in canonical form ("${formatIp(ip)}")`];
}

export function canonicalCidrProblems(text: string): string[] {
  const cidr = parseCidr(text);
  if (!cidr) return [BAD_CIDR];
  const address = text.split('/', 1)[0] ?? '';
  if (hasLeadingZeros(address)) return ['must not have leading 0s in IP or prefix length'];
  if (isMapped(address)) return ['must not have an IPv4-mapped IPv6 address'];
  if (networkOf(cidr).address.value !== cidr.address.value) return ['must not have bits set beyond the prefix length'];
  return formatCidr(cidr) === text ? [] : [`must be in canonical form ("${formatCidr(cidr)}")`];
}
