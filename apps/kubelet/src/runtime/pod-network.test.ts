import { describe, expect, test } from 'vitest';
import { defaultPodCidr, PodNetwork } from './pod-network.ts';

describe('PodNetwork', () => {
  test('gives each pod an address of its node, and a freed one only after the others', () => {
    const network = new PodNetwork();
    network.setRange('a', '10.1.0.0/29');
    expect(['p1', 'p2', 'p3'].map((pod) => network.allocate('a', pod))).toEqual(['10.1.0.2', '10.1.0.3', '10.1.0.4']);
    network.release('p1');
    expect(['p4', 'p5', 'p6', 'p7'].map((pod) => network.allocate('a', pod))).toEqual([
      '10.1.0.5',
      '10.1.0.6',
      '10.1.0.2',
      '100.68.0.2',
    ]);
  });

  test('never gives away an address that a restored pod has', () => {
    const network = new PodNetwork();
    network.setRange('a', '10.1.0.0/24');
    network.reserve('a', 'old', '10.1.0.2');
    expect(network.allocate('a', 'new')).toBe('10.1.0.3');
  });

  test('has addresses for more pods than the range of a node, other ones on every node', () => {
    const network = new PodNetwork();
    network.setRange('a', defaultPodCidr(0));
    network.setRange('b', defaultPodCidr(1));
    const addresses = ['a', 'b'].flatMap((node) =>
      Array.from({ length: 1000 }, (_, n) => network.allocate(node, `${node}${n}`)),
    );
    expect(addresses).not.toContain(undefined);
    expect(new Set(addresses).size).toBe(2000);
  });

  test('takes the range of the node when it is given one', () => {
    const network = new PodNetwork();
    network.setRange('a', defaultPodCidr(0));
    network.setRange('a', '192.168.7.0/24');
    expect(network.allocate('a', 'p')).toBe('192.168.7.2');
  });

  test('has a range for each of thousands of nodes', () => {
    expect([0, 255, 256, 1000].map(defaultPodCidr)).toEqual([
      '10.244.0.0/24',
      '10.244.255.0/24',
      '10.245.0.0/24',
      '10.247.232.0/24',
    ]);
  });
});
