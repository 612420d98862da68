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
import { opaqueKind } from './opaque-value.ts';
import { fn, method, readsFirst, type Overload } from './overload.ts';

const Ip = opaqueKind<IpAddress>('net.IP', formatIp);
const CidrKind = opaqueKind<Cidr>('net.CIDR', formatCidr);
type IpValue = InstanceType<typeof Ip.Value>;
type CidrValue = InstanceType<typeof CidrKind.Value>;

/** Go's netip: no zones, no IPv4 in IPv6, no leading zeros. */
function strictIp(text: string): IpAddress | undefined {
  if (text.includes('%') || (text.includes(':') && text.includes('.')) || /(^|\.)0\d/.test(text)) return undefined;
  return parseIp(text);
}

function strictCidr(text: string): Cidr | undefined {
  return strictIp(text.split('/')[0]!) && parseCidr(text);
}

function ip(text: string): IpValue {
  const address = strictIp(text);
  if (address === undefined)
    throw new EvaluationError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    );
  return new Ip.Value(address);
}

function cidr(text: string): CidrValue {
  const parsed = strictCidr(text);
  if (parsed === undefined)
    throw new EvaluationError(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no '/'`,
    );
  return new CidrKind.Value(parsed);
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
const isLinkLocalMulticast = either('224.0.0.0/24', 'ff02::/16');
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
  fn('isIP', [STRING], BOOL, (text: string) => strictIp(text) !== undefined, readsFirst),
  fn('ip.isCanonical', [STRING], BOOL, (text: string) => ip(text).text() === text, readsFirst),
  fn('string', [Ip.type], STRING, (value: IpValue) => value.text(), { resultSize: () => 39 }),
  method('family', [Ip.type], INT, ({ inner }: IpValue): Value => BigInt(inner.version)),
  property('isUnspecified', isUnspecified),
  property('isLoopback', isLoopback),
  property('isLinkLocalMulticast', isLinkLocalMulticast),
  property('isLinkLocalUnicast', isLinkLocalUnicast),
  property('isGlobalUnicast', isGlobalUnicast),
  fn('cidr', [STRING], CidrKind.type, cidr, readsFirst),
  fn('isCIDR', [STRING], BOOL, (text: string) => strictCidr(text) !== undefined, readsFirst),
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
