import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpRange } from './ip-range.ts';

describe('IpRange', () => {
  it('gives neither the network nor, for IPv4, the broadcast address', () => {
    const range = new IpRange('10.0.0.0/30');
    expect(range.capacity).toBe(2n);
    expect([range.at(0n), range.at(1n)]).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((ip) => range.contains(ip))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it('knows IPv6 in every spelling', () => {
    const range = new IpRange('fd00::/112');
    expect(range.at(0n)).toBe('fd00::1');
    expect(range.contains('FD00:0:0:0:0:0:0:00ff')).toBe(true);
    expect(range.contains('fd01::1')).toBe(false);
    expect(range.contains('10.0.0.1')).toBe(false);
  });

  it('contains every address that it gives', () => {
    for (const range of [new IpRange('10.96.0.0/12'), new IpRange('192.168.7.0/24'), new IpRange('2001:db8::/64')]) {
      fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: range.capacity - 1n }), (index) => range.contains(range.at(index))),
      );
    }
  });

  it.each([
    ['10.0.0.0/28', 0n],
    ['10.0.0.0/24', 16n],
    ['10.96.0.0/12', 256n],
    ['fd00::/108', 256n],
  ])('leaves the first addresses of %s to those who ask for them', (cidr, band) => {
    const range = new IpRange(cidr);
    for (let i = 0; i < 200; i++) {
      const index = range.randomIndex();
      expect(index).toBeGreaterThanOrEqual(band);
      expect(index).toBeLessThan(range.capacity);
    }
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'x/8', '::/129'])('refuses %s', (text) => {
    expect(() => new IpRange(text)).toThrow(`invalid CIDR address: ${text}`);
  });
});
