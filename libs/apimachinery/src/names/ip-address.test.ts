import fc from 'fast-check';
import { isIP } from 'node:net';
import { expect, it } from 'vitest';
import { cidrContains, formatCidr, formatIp, networkOf, parseCidr, parseIp } from './ip-address.ts';

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['010.0.0.1', '10.0.0.1'],
  ['::', '::'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
])('%s is %s', (text, canonical) => expect(formatIp(parseIp(text)!)).toBe(canonical));

it.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '1:2',
  ':::',
  '1::2::3',
  '1.2.3.4.5',
  'g::',
  '::1%eth0',
  '1:2:3:4:5:6:7:8:9',
  ':1:2:3:4:5:6:7',
])('%j is no address', (text) => expect(parseIp(text)).toBeUndefined());

it('agrees with node on what an address is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => (parseIp(text) !== undefined) === (isIP(text) !== 0)),
  );
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      expect(parseIp(formatIp(parseIp(text)!))).toEqual(parseIp(text));
    }),
  );
});

it('knows networks', () => {
  const cidr = parseCidr('10.1.2.3/16')!;
  expect(formatCidr(networkOf(cidr))).toBe('10.1.0.0/16');
  expect(cidrContains(cidr, parseIp('10.1.255.255')!)).toBe(true);
  expect(cidrContains(cidr, parseIp('10.2.0.0')!)).toBe(false);
  expect(parseCidr('10.0.0.0/33')).toBeUndefined();
  expect(parseCidr('10.0.0.0/08')).toBeUndefined();
  expect(formatCidr(parseCidr('2001:db8::/64')!)).toBe('2001:db8::/64');
});
