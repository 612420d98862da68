import { expect, it } from 'vitest';
import { validateDeleteOptions, validatePatchOptions, validateWriteOptions } from './request-options.ts';

const texts = (errors: readonly { toString(): string }[]) => errors.map(String);

it('only an apply may be forced and must name its manager', () => {
  expect(texts(validatePatchOptions({ force: true }, false))).toEqual([
    'force: Forbidden: may not be specified for non-apply patch',
  ]);
  expect(texts(validatePatchOptions({}, true))).toEqual(['fieldManager: Required value: is required for apply patch']);
  expect(validatePatchOptions({ force: true, fieldManager: 'me' }, true)).toEqual([]);
});

it('writes know two ways of running dry and three of validating', () => {
  expect(validateWriteOptions({ dryRun: ['All'], fieldValidation: 'Strict', fieldManager: 'me' })).toEqual([]);
  expect(
    texts(validateWriteOptions({ dryRun: ['Some'], fieldValidation: 'Maybe', fieldManager: 'x'.repeat(129) })),
  ).toEqual([
    'fieldManager: Too long: may not be more than 128 bytes',
    'dryRun: Unsupported value: ["Some"]: supported values: "All"',
    'fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
  ]);
});

it('a delete says once what becomes of dependents', () => {
  expect(validateDeleteOptions({ propagationPolicy: 'Orphan' })).toEqual([]);
  expect(texts(validateDeleteOptions({ propagationPolicy: 'Never', orphanDependents: true }))).toEqual([
    'propagationPolicy: Invalid value: "Never": orphanDependents and deletionPropagation cannot be both set',
    'propagationPolicy: Unsupported value: "Never": supported values: "Foreground", "Background", "Orphan", "nil"',
  ]);
});
