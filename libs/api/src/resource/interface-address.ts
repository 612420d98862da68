import { formatCidr, parseCidr } from '@pilothouse/apimachinery';

const BAD_ADDRESS = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';

/** `192.0.2.7/24`: the address of an interface with the length of its network, as it would be printed. */
export function interfaceAddressProblems(text: string): string[] {
  const cidr = parseCidr(text);
  if (!cidr) return [BAD_ADDRESS];
  return formatCidr(cidr) === text ? [] : [`must be in canonical form ("${formatCidr(cidr)}")`];
}
