import { fieldPath, invalidValue, type FieldError, type FieldPath } from '@pilothouse/apimachinery';
import type { Job } from '@pilothouse/api';
import { IndexesError, overlapOf, parseIndexes } from './job-indexes.ts';
import type { HasChanged } from './has-changed.ts';

const COMPLETED = fieldPath('status', 'completedIndexes');
const FAILED = fieldPath('status', 'failedIndexes');

/** Which indexes of an Indexed Job are done, and which have failed for good. */
export function validateStatusIndexes({ spec, status = {} }: Job, changed: HasChanged): FieldError[] {
  const { completions, backoffLimitPerIndex } = spec;
  const { completedIndexes = '', failedIndexes } = status;
  const errors: FieldError[] = [];
  if (changed('completedIndexes') && completions !== undefined)
    errors.push(...validateFormat(completedIndexes, completions, COMPLETED, 'completedIndexes'));
  const hasFailures = failedIndexes !== undefined && completions !== undefined;
  if (changed('failedIndexes') && hasFailures && backoffLimitPerIndex !== undefined)
    errors.push(...validateFormat(failedIndexes, completions, FAILED, 'failedIndexes'));
  if (changed('completedIndexes') && completedIndexes && spec.completionMode !== 'Indexed') {
    const why = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errors.push(invalidValue(COMPLETED, completedIndexes, why));
  }
  if (changed('failedIndexes') && failedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    const why = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    errors.push(invalidValue(FAILED, failedIndexes, why));
  }
  const overlap =
    changed('failedIndexes', 'completedIndexes') && hasFailures
      ? overlapOf(completedIndexes, failedIndexes, completions)
      : undefined;
  if (overlap !== undefined) {
    const why = `failedIndexes and completedIndexes overlap at index: ${overlap}`;
    errors.push(invalidValue(FAILED, failedIndexes, why));
  }
  return errors;
}

function validateFormat(text: string, completions: number, path: FieldPath, name: string): FieldError[] {
  try {
    parseIndexes(text, completions);
    return [];
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    return [invalidValue(path, text, `error parsing ${name}: ${error.message}`)];
  }
}
