import { describe, expect, it } from 'vitest';
import type { Node } from '@pilothouse/api';
import { cellsOf, created, problemsOnCreate, problemsOnUpdate } from '../example-objects.ts';
import { node } from './node.ts';

describe('Node', () => {
  const make = (change: Partial<Node> = {}): Node => ({ metadata: { name: 'node-1' }, spec: {}, ...change });

  it('can give all it has unless it says otherwise', () => {
    const each = created(node, make({ status: { capacity: { cpu: '4' } } }));
    expect(each.status!.allocatable).toEqual({ cpu: '4' });
  });

  it('has its first network under two names', () => {
    expect(created(node, make({ spec: { podCIDR: '10.1.0.0/24' } })).spec!.podCIDRs).toEqual(['10.1.0.0/24']);
    expect(created(node, make({ spec: { podCIDRs: ['10.1.0.0/24'] } })).spec!.podCIDR).toBe('10.1.0.0/24');
  });

  it.each<[string, Partial<Node>, string[]]>([
    [
      'a taint twice',
      {
        spec: {
          taints: [
            { key: 'a', effect: 'NoSchedule' },
            { key: 'a', effect: 'NoSchedule' },
          ],
        },
      },
      [
        'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
      ],
    ],
    [
      'a taint without effect',
      { spec: { taints: [{ key: 'a', effect: '' }] } },
      ['metadata.taints[0].effect: Required value'],
    ],
    [
      'part of a pod',
      { status: { capacity: { pods: '1500m' } } },
      [
        'status.capacity.pods: Invalid value: "1500m": must be an integer',
        'status.allocatable.pods: Invalid value: "1500m": must be an integer',
      ],
    ],
    [
      'two networks of one family',
      { spec: { podCIDRs: ['10.1.0.0/24', '10.2.0.0/24'] } },
      [
        'spec.podCIDRs: Invalid value: ["10.1.0.0/24","10.2.0.0/24"]: may specify no more than one CIDR for each IP family',
      ],
    ],
  ])('with %s', (_, change, expected) => expect(problemsOnCreate(node, make(change))).toEqual(expected));

  it('stays the machine it is, in the network it is', () => {
    const old = created(node, make({ spec: { providerID: 'cloud://1', podCIDR: '10.1.0.0/24' } }));
    const change = (each: Node): void => {
      each.spec = { providerID: 'cloud://2', podCIDR: '10.2.0.0/24' };
    };
    expect(problemsOnUpdate(node, old, change)).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ]);
  });

  it('shows whether it is ready and what it is for', () => {
    const each = make({
      metadata: {
        name: 'node-1',
        labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'edge', other: 'x' },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '10.0.0.5' }],
      },
    });
    expect(cellsOf(node.columns, each)).toEqual([
      'node-1',
      'Ready,SchedulingDisabled',
      'edge,worker',
      '<unknown>',
      '',
      '10.0.0.5',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ]);
  });

  it('is stored where nodes have always been', () => expect(node.storagePrefix).toBe('minions'));
});
