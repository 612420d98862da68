import { expect, it } from 'vitest';
import { uuidProblem } from './uuid-problem.ts';

const UUID = '123e4567-e89b-12d3-a456-426614174000';
const NORMAL_FORM =
  'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';

it.each([
  [UUID, undefined],
  [UUID.toUpperCase(), NORMAL_FORM],
  [UUID.replaceAll('-', ''), NORMAL_FORM],
  [`{${UUID}}`, NORMAL_FORM],
  [`urn:uuid:${UUID}`, NORMAL_FORM],
  ['', 'error validating uid: invalid UUID length: 0'],
  ['x'.repeat(36), 'error validating uid: invalid UUID format'],
  [`(${UUID})`, 'error validating uid: invalid bracketed UUID format'],
  [`urn-uuid:${UUID}`, 'error validating uid: invalid urn prefix: "urn-uuid:"'],
])('%s', (text, problem) => {
  expect(uuidProblem(text)).toBe(problem);
});
