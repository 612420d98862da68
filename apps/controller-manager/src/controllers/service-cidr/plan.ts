import { type Cidr, cidrContains, parseCidr, parseIp } from '@pilothouse/apimachinery';
import type { IPAddress, ServiceCIDR } from '@pilothouse/api';

/** Addresses that the apiserver gave to Services bear it; others do not hold a range back. */
const MANAGED_BY = { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' };

/** Every change of a range or an address in it may let one go, or hold one back. Pure. */
export function overlaps(one: ServiceCIDR, other: ServiceCIDR): boolean {
  return cidrsOf(one).some((a) => cidrsOf(other).some((b) => containsCidr(a, b) || containsCidr(b, a)));
}

/** Whether a Service's address lies in a range. Pure. */
export function holds(range: ServiceCIDR, { metadata }: IPAddress): boolean {
  if (!Object.entries(MANAGED_BY).every(([label, value]) => metadata.labels?.[label] === value)) return false;
  const address = parseIp(metadata.name ?? '');
  return address !== undefined && cidrsOf(range).some((cidr) => cidrContains(cidr, address));
}

/** Whether no Service would lose its range: others contain all of it, or all of its addresses that are given. Pure. */
export function canGo(range: ServiceCIDR, all: readonly ServiceCIDR[], addresses: readonly IPAddress[]): boolean {
  const others = all.filter(({ metadata }) => metadata.name !== range.metadata.name);
  const otherCidrs = others.flatMap(cidrsOf);
  if (cidrsOf(range).every((cidr) => otherCidrs.some((other) => containsCidr(other, cidr)))) return true;
  return addresses
    .filter((address) => holds(range, address))
    .every((address) => others.some((other) => holds(other, address)));
}

const cidrsOf = ({ spec }: ServiceCIDR): Cidr[] =>
  (spec.cidrs ?? []).map(parseCidr).filter((cidr) => cidr !== undefined);

function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.prefixLength <= inner.prefixLength && cidrContains(outer, inner.address);
}
