import {
  cidrContains,
  formatCidr,
  formatIp,
  networkOf,
  parseCidr,
  parseIp,
  type Cidr,
  type IpAddress,
} from '@pilothouse/apimachinery';
import { EvaluationError } from '../runtime/evaluation-error.ts';
import type { Value } from '../runtime/value.ts';
import { BOOL, INT, STRING } from '../types/type.ts';
import { addressProblem, prefixProblem } from './address-problem.ts';
import { opaqueKind } from './opaque-value.ts';
import { fn, method, readsFirst, type Overload } from './overload.ts';

const Ip = opaqueKind<IpAddress>('net.IP', formatIp);
const CidrKind = opaqueKind<Cidr>('net.CIDR', formatCidr);
type IpValue = InstanceType<typeof Ip.Value>;
type CidrValue = InstanceType<typeof CidrKind.Value>;

/** IPv4 in IPv6 is not allowed, nor are zones: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library */
function ipProblem(text: string): string | undefined {
  const problem = addressProblem(text);
  if (problem) return `IP Address ${JSON.stringify(text)} parse error during conversion from string: ${problem}`;
  if (text.includes('%')) return `IP address ${JSON.stringify(text)} with zone value is not allowed`;
  return isMapped(text) ? `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed` : undefined;
}

function cidrProblem(text: string): string | undefined {
  const problem = prefixProblem(text);
  // Upstream says it twice.
  if (problem) return `${CIDR_WRONG}: ${problem}`;
  const mapped = isMapped(text.slice(0, text.indexOf('/')));
  return mapped ? `IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed` : undefined;
}

const CIDR_WRONG = 'network address parse error during conversion from string';

const isMapped = (text: string): boolean => text.includes(':') && parseIp(text)?.version === 4;

function ip(text: string): IpValue {
  const problem = ipProblem(text);
  if (problem !== undefined) throw new EvaluationError(problem);
  return new Ip.Value(parseIp(text)!);
}

function cidr(text: string): CidrValue {
  const problem = cidrProblem(text);
  if (problem !== undefined) throw new EvaluationError(`${CIDR_WRONG}: ${problem}`);
  return new CidrKind.Value(parseCidr(text)!);
}

const within = (range: string) => {
  const parsed = parseCidr(range)!;
  return (address: IpAddress): boolean => cidrContains(parsed, address);
};
const either =
  (...ranges: string[]) =>
  (address: IpAddress): boolean =>
    ranges.some((range) => within(range)(address));

const isUnspecified = either('0.0.0.0/32', '::/128');
const isLoopback = either('127.0.0.0/8', '::1/128');
const isLinkLocalMulticast = either('224.0.0.0/24', ...[...'0123456789abcdef'].map((flags) => `ff${flags}2::/16`));
const isLinkLocalUnicast = either('169.254.0.0/16', 'fe80::/10');
const isMulticast = either('224.0.0.0/4', 'ff00::/8');
const isBroadcast = either('255.255.255.255/32');

const isGlobalUnicast = (address: IpAddress): boolean =>
  ![isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast, isBroadcast].some((holds) => holds(address));

const property = (name: string, holds: (address: IpAddress) => boolean): Overload =>
  method(name, [Ip.type], BOOL, ({ inner }: IpValue): Value => holds(inner));

function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.prefixLength <= inner.prefixLength && cidrContains(outer, inner.address);
}

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library and the CIDR library after it */
export const network: readonly Overload[] = [
  fn('ip', [STRING], Ip.type, ip, readsFirst),
  fn('isIP', [STRING], BOOL, (text: string) => ipProblem(text) === undefined, readsFirst),
  fn('ip.isCanonical', [STRING], BOOL, (text: string) => ip(text).text() === text, readsFirst),
  fn('string', [Ip.type], STRING, (value: IpValue) => value.text(), { resultSize: () => 39 }),
  method('family', [Ip.type], INT, ({ inner }: IpValue): Value => BigInt(inner.version)),
  property('isUnspecified', isUnspecified),
  property('isLoopback', isLoopback),
  property('isLinkLocalMulticast', isLinkLocalMulticast),
  property('isLinkLocalUnicast', isLinkLocalUnicast),
  property('isGlobalUnicast', isGlobalUnicast),
  fn('cidr', [STRING], CidrKind.type, cidr, readsFirst),
  fn('isCIDR', [STRING], BOOL, (text: string) => cidrProblem(text) === undefined, readsFirst),
  fn('string', [CidrKind.type], STRING, (value: CidrValue) => value.text(), { resultSize: () => 43 }),
  method('containsIP', [CidrKind.type, Ip.type], BOOL, (range: CidrValue, address: IpValue) =>
    cidrContains(range.inner, address.inner),
  ),
  method('containsIP', [CidrKind.type, STRING], BOOL, (range: CidrValue, text: string) =>
    cidrContains(range.inner, ip(text).inner),
  ),
  method('containsCIDR', [CidrKind.type, CidrKind.type], BOOL, (a: CidrValue, b: CidrValue) =>
    containsCidr(a.inner, b.inner),
  ),
  method('containsCIDR', [CidrKind.type, STRING], BOOL, (a: CidrValue, text: string) =>
    containsCidr(a.inner, cidr(text).inner),
  ),
  method('ip', [CidrKind.type], Ip.type, ({ inner }: CidrValue) => new Ip.Value(inner.address)),
  method('masked', [CidrKind.type], CidrKind.type, ({ inner }: CidrValue) => new CidrKind.Value(networkOf(inner))),
  method('prefixLength', [CidrKind.type], INT, ({ inner }: CidrValue): Value => BigInt(inner.prefixLength)),
];
