import { describe, expect, it } from 'vitest';
import type { LimitRange, LimitRangeItem } from '@pilothouse/api';
import { created, exampleMeta, problemsOnCreate } from './example-objects.ts';
import { limitRange } from './limit-range.ts';

describe('LimitRange', () => {
  const make = (item: LimitRangeItem): LimitRange => ({
    metadata: exampleMeta(),
    spec: { limits: [item] },
  });

  it('fills a container from the top: max, default, default request', () => {
    const each = created(limitRange, make({ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } }));
    expect(each.spec!.limits![0]).toMatchObject({
      default: { cpu: '2' },
      defaultRequest: { cpu: '2', memory: '1Mi' },
    });
  });

  it.each<[string, LimitRangeItem, string[]]>([
    [
      'the least above the most',
      { type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } },
      ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
    ],
    [
      'defaults for pods',
      { type: 'Pod', default: { cpu: '2' } },
      [`spec.limits[0].default: Forbidden: may not be specified when \`type\` is 'Pod'`],
    ],
    [
      'a claim without bounds',
      { type: 'PersistentVolumeClaim' },
      [
        'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
      ],
    ],
    [
      'a ratio below one',
      { type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } },
      ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'],
    ],
    [
      'an unknown type',
      { type: 'Cluster' },
      ['spec.limits[0].type: Invalid value: "Cluster": must be a standard limit type or fully qualified'],
    ],
  ])('with %s', (_, item, expected) => expect(problemsOnCreate(limitRange, make(item))).toEqual(expected));
});
