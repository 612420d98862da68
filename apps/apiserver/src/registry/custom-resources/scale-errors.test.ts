import { expect, it } from 'vitest';
import { specScaleErrors, statusScaleErrors } from './scale-errors.ts';

const SCALE = {
  specReplicasPath: '.spec.size.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.status.selector',
};

it.each<[unknown, ...string[]]>([
  [{}],
  [{ spec: { size: {} } }],
  [{ spec: null }],
  [{ spec: { size: { replicas: 3 } } }],
  [{ spec: { size: { replicas: -1 } } }, '.spec.size.replicas: Invalid value: -1: should be a non-negative integer'],
  [
    { spec: { size: { replicas: 2 ** 31 } } },
    '.spec.size.replicas: Invalid value: 2147483648: should be less than or equal to 2147483647',
  ],
  [
    { spec: { size: { replicas: 'x' } } },
    '.spec.size.replicas: Invalid value: 0: .spec.size.replicas accessor error: x is of the type string, expected int64',
  ],
  [
    { spec: { size: 'big' } },
    '.spec.size.replicas: Invalid value: 0: .spec.size.replicas accessor error: big is of the type string, expected map[string]interface{}',
  ],
])('the wanted number of %j', (object, ...expected) => {
  expect(specScaleErrors(object as object, SCALE).map(String)).toEqual(expected);
});

it.each<[unknown, ...string[]]>([
  [{ status: { replicas: 1, selector: 'a=b' } }],
  [{ status: { replicas: -1 } }, '.status.replicas: Invalid value: -1: should be a non-negative integer'],
  [
    { status: { selector: 5 } },
    '.status.selector: Invalid value: "": .status.selector accessor error: 5 is of the type int64, expected string',
  ],
])('the status of %j', (object, ...expected) => {
  expect(statusScaleErrors(object as object, SCALE).map(String)).toEqual(expected);
});
