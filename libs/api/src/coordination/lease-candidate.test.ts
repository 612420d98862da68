import type { LeaseCandidate } from '@pilothouse/api';
import { expect, it } from 'vitest';
import { exampleMeta, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { leaseCandidate as kind } from './lease-candidate.ts';

const example = (spec: object = {}): LeaseCandidate => ({
  metadata: exampleMeta(),
  spec: {
    leaseName: 'a',
    binaryVersion: '1.36.0',
    emulationVersion: '1.35.0',
    strategy: 'OldestEmulationVersion',
    ...spec,
  },
});

it.each<[object, string[]]>([
  [{}, []],
  [{ leaseName: '' }, ['spec.leaseName: Required value']],
  [
    { binaryVersion: '1.36' },
    [
      'spec.binaryVersion: Invalid value: "1.36": must be a valid semantic version',
      'spec.binaryVersion: Invalid value: "1.36": must be greater than or equal to `emulationVersion`',
    ],
  ],
  [
    { binaryVersion: '1.34.0' },
    ['spec.binaryVersion: Invalid value: "1.34.0": must be greater than or equal to `emulationVersion`'],
  ],
  [
    { strategy: 'Newest' },
    ['spec.strategy.strategy: Unsupported value: "Newest": supported values: "OldestEmulationVersion"'],
  ],
  [{ strategy: 'example.com/mine', emulationVersion: '' }, []],
])('%j', (spec, problems) => {
  expect(problemsOnCreate(kind, example(spec))).toEqual(problems);
});

it('stays with its lease', () => {
  expect(problemsOnUpdate(kind, example(), ({ spec }) => (spec.leaseName = 'b'))).toEqual([
    'spec.leaseName: Invalid value: "b": field is immutable',
  ]);
});
