import type { Container, Pod } from '@pilothouse/api';
import { describe, expect, test } from 'vitest';
import { pod } from '../testing/objects.ts';
import { DEFAULT_MEMORY_REQUEST, podNonZeroRequests, podRequests } from './pod-requests.ts';

const container = (name: string, cpu: string, rest: Partial<Container> = {}): Container => ({
  name,
  resources: { requests: { cpu } },
  ...rest,
});
const cpuOf = (spec: Partial<Pod['spec']>, status?: Pod['status']) =>
  podRequests(pod('p', { spec, ...(status ? { status } : {}) })).milliCpu;

describe('requests of a pod', () => {
  test.each<{ name: string; spec: Partial<Pod['spec']>; milliCpu: number }>([
    { name: 'containers add up', spec: { containers: [container('a', '100m'), container('b', '0.2')] }, milliCpu: 300 },
    {
      name: 'init containers run one after the other',
      spec: { containers: [container('a', '100m')], initContainers: [container('i', '400m'), container('j', '300m')] },
      milliCpu: 400,
    },
    {
      name: 'an init container runs beside the sidecars before it',
      spec: {
        containers: [container('a', '100m')],
        initContainers: [container('s', '200m', { restartPolicy: 'Always' }), container('i', '400m')],
      },
      milliCpu: 600,
    },
    {
      name: 'but not beside those after it',
      spec: {
        containers: [container('a', '100m')],
        initContainers: [container('i', '400m'), container('s', '200m', { restartPolicy: 'Always' })],
      },
      milliCpu: 400,
    },
    { name: 'fractions of a millicore round up', spec: { containers: [container('a', '100u')] }, milliCpu: 1 },
  ])('$name', ({ spec, milliCpu }) => expect(cpuOf(spec)).toBe(milliCpu));

  test('of a container being resized are the largest of wanted, granted and actual', () => {
    const containers = [container('a', '100m')];
    const status = (rest: Partial<NonNullable<Pod['status']>> = {}) => ({
      containerStatuses: [
        { name: 'a', ready: true, restartCount: 0, image: '', imageID: '', resources: { requests: { cpu: '300m' } } },
      ],
      ...rest,
    });
    expect(cpuOf({ containers }, status())).toBe(300);
    expect(cpuOf({ containers: [container('a', '500m')] }, status())).toBe(500);
    const sidecar = container('a', '100m', { restartPolicy: 'Always' });
    const ofSidecar = { initContainerStatuses: status().containerStatuses };
    expect(cpuOf({ containers: [container('b', '50m')], initContainers: [sidecar] }, ofSidecar)).toBe(350);
    const infeasible = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }];
    expect(cpuOf({ containers: [container('a', '500m')] }, status({ conditions: infeasible }))).toBe(300);
  });

  test('scoring sees a little for a container that asks for nothing', () => {
    expect(podNonZeroRequests(pod('p'))).toMatchObject({ milliCpu: 100, memory: DEFAULT_MEMORY_REQUEST });
    expect(podNonZeroRequests(pod('p', { requests: { cpu: '0' } }))).toMatchObject({
      milliCpu: 0,
      memory: DEFAULT_MEMORY_REQUEST,
    });
  });
});
