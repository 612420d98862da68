import { describe, expect, it } from 'vitest';
import type { ResourceQuota } from '@pilothouse/api';
import { cellsOf, created, exampleMeta, problemsOnCreate, problemsOnUpdate } from './example-objects.ts';
import { resourceQuota } from './resource-quota.ts';

describe('ResourceQuota', () => {
  const make = (spec: ResourceQuota['spec']): ResourceQuota => ({ metadata: exampleMeta(), spec });

  it.each<[string, ResourceQuota['spec'], string[]]>([
    ['objects of any kind', { hard: { 'count/deployments.apps': '5', 'requests.cpu': '4' } }, []],
    [
      'something unknown',
      { hard: { beer: '5' } },
      [
        'spec.hard[beer]: Invalid value: "beer": must be a standard resource type or fully qualified',
        'spec.hard[beer]: Invalid value: "beer": must be a standard resource for quota',
      ],
    ],
    ['part of a pod', { hard: { pods: '500m' } }, ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
    [
      'both sides of a scope',
      { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
    [
      'a scope that cannot count it',
      { hard: { cpu: '1' }, scopes: ['BestEffort'] },
      ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
    ],
  ])('of %s', (_, spec, expected) => expect(problemsOnCreate(resourceQuota, make(spec))).toEqual(expected));

  it('keeps its scopes', () => {
    const old = created(resourceQuota, make({ hard: { pods: '1' }, scopes: ['BestEffort'] }));
    expect(problemsOnUpdate(resourceQuota, old, (each) => delete each.spec!.scopes)).toEqual([
      'spec.scopes: Invalid value: null: field is immutable',
    ]);
  });

  it('shows what is used, limits apart', () => {
    const each = { ...make({}), status: { hard: { pods: '10', 'limits.cpu': '4', cpu: '2' }, used: { pods: '3' } } };
    expect(cellsOf(resourceQuota.columns, each).slice(1, 3)).toEqual(['cpu: 0/2, pods: 3/10', 'limits.cpu: 0/4']);
  });
});
