import { expect, it } from 'vitest';
import { fieldPath } from '../validation/field-error.ts';
import { isValidPercent, scaledIntOrPercent, validatePositiveIntOrPercent } from './int-or-string.ts';

it.each([
  [5, 10, true, 5],
  ['25%', 10, true, 3],
  ['25%', 10, false, 2],
  ['0%', 10, true, 0],
  ['100%', 3, false, 3],
])('%j of %i, rounded up %s, is %i', (value, total, roundUp, expected) =>
  expect(scaledIntOrPercent(value, total, roundUp)).toMatchObject({ ok: true, value: expected }),
);

it('refuses strings that are not percentages', () => {
  expect(scaledIntOrPercent('http', 10, true)).toEqual({
    ok: false,
    message: 'invalid value for IntOrString: invalid type: string is not a percentage',
  });
  expect(isValidPercent('1')).toHaveLength(1);
  expect(validatePositiveIntOrPercent('x', fieldPath('a'))).toHaveLength(1);
  expect(validatePositiveIntOrPercent(-1, fieldPath('a'))[0]?.toString()).toBe(
    'a: Invalid value: -1: must be greater than or equal to 0',
  );
  expect(validatePositiveIntOrPercent('50%', fieldPath('a'))).toEqual([]);
});
