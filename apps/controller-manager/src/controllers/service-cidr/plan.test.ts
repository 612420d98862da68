import { describe, expect, it } from 'vitest';
import type { IPAddress, ServiceCIDR } from '@pilothouse/api';
import { canGo, overlaps } from './plan.ts';

const range = (name: string, ...cidrs: string[]): ServiceCIDR => ({ metadata: { name }, spec: { cidrs } });
const address = (name: string, managedBy = 'ipallocator.k8s.io'): IPAddress => ({
  metadata: { name, labels: { 'ipaddress.kubernetes.io/managed-by': managedBy } },
  spec: { parentRef: { resource: 'services', name: 'web', namespace: 'default' } },
});
const small = range('small', '10.1.0.0/24');

describe('a range that is to go', () => {
  it.each<[string, boolean, ServiceCIDR, ServiceCIDR[], IPAddress[]]>([
    ['goes when nobody has an address of it', true, small, [], [address('10.2.0.1')]],
    ['stays while somebody has', false, small, [], [address('10.1.0.1')]],
    ['is not held back by addresses of somebody else', true, small, [], [address('10.1.0.1', 'me')]],
    [
      'goes when a larger one has all of its addresses',
      true,
      small,
      [range('l', '10.1.0.0/16')],
      [address('10.1.0.1')],
    ],
    ['goes when one of the same addresses stays', true, small, [range('twin', '10.1.0.0/24')], [address('10.1.0.1')]],
    [
      'goes when a smaller one has the given addresses',
      true,
      small,
      [range('s', '10.1.0.0/28')],
      [address('10.1.0.1')],
    ],
    ['stays when a smaller one has not all', false, small, [range('s', '10.1.0.0/28')], [address('10.1.0.99')]],
    ['stays for either of its families', false, range('dual', '10.1.0.0/24', 'fd00::/112'), [], [address('fd00::1')]],
  ])('%s', (_, expected, going, others, addresses) => {
    expect(canGo(going, [going, ...others], addresses)).toBe(expected);
  });
});

it('knows which ranges concern each other', () => {
  expect(overlaps(small, range('larger', '10.1.0.0/16'))).toBe(true);
  expect(overlaps(range('larger', '10.1.0.0/16'), small)).toBe(true);
  expect(overlaps(small, range('other', '10.2.0.0/24', 'fd00::/112'))).toBe(false);
});
