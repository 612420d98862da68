import { describe, expect, test } from 'vitest';
import { parseTaint, planNodes } from './kubelet-options.ts';
import type { KubeletFlags } from './kubelet-options.ts';
import { defaultFlags } from './testing/fake-cluster.ts';

const plan = (flags: Partial<KubeletFlags>) => planNodes({ ...defaultFlags(), ...flags }, 10250, 'pilothouse://x');

describe('the nodes that the flags ask for', () => {
  test('are numbered from 1, or one is named', () => {
    expect(plan({ nodes: 3, nodeNamePrefix: 'sim-' }).map(({ name }) => name)).toEqual(['sim-1', 'sim-2', 'sim-3']);
    expect(plan({ hostnameOverride: 'Worker-7' }).map(({ name }) => name)).toEqual(['worker-7']);
    expect(() => plan({ nodes: 2, hostnameOverride: 'x' })).toThrow('--hostname-override');
  });

  test('share the address of the server, or have one each', () => {
    expect(plan({ nodes: 2, address: '192.0.2.1' }).map(({ addresses }) => addresses)).toEqual([
      ['192.0.2.1'],
      ['192.0.2.1'],
    ]);
    expect(plan({ nodes: 2, nodeIp: ['127.0.1.0/24'] }).map(({ addresses }) => addresses)).toEqual([
      ['127.0.1.1'],
      ['127.0.1.2'],
    ]);
    expect(() => plan({ nodes: 9, nodeIp: ['127.0.1.0/30'] })).toThrow('too small');
  });

  test('have as many devices as a slice can hold, at most', () => {
    expect(plan({ devices: { 'gpu.example.com': '8' } })[0]!.devices).toEqual({ 'gpu.example.com': '8' });
    expect(() => plan({ devices: { 'gpu.example.com': 'many' } })).toThrow('--devices');
  });

  test('keep back what is reserved', () => {
    const [node] = plan({ nodes: 1, kubeReserved: { cpu: '200m' }, systemReserved: { cpu: '300m', memory: '1Gi' } });
    expect(node!.reserved).toMatchObject({ cpu: '500m', memory: '1124Mi' });
  });

  test.each([
    ['a=b:NoSchedule', { key: 'a', value: 'b', effect: 'NoSchedule' }],
    ['a:NoExecute', { key: 'a', effect: 'NoExecute' }],
  ])('taint %s', (text, taint) => {
    expect(parseTaint(text)).toEqual(taint);
  });

  test('a taint that is none is refused', () => {
    expect(() => parseTaint('a=b:Sometimes')).toThrow('--register-with-taints');
  });
});
