import { type FieldError, type FieldPath, required, tooMany } from '@pilothouse/apimachinery';
import type { Counter } from '@pilothouse/api';
import { validateLabelLikeName } from './names.ts';

const MAX_COUNTERS = 32;

/** What devices that share hardware share of it, or take of it (KEP-4815). */
export function validateCounters(
  counters: Readonly<Record<string, Counter>> | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const names = Object.keys(counters ?? {});
  if (names.length === 0) errors.push(required(path));
  else if (names.length > MAX_COUNTERS) errors.push(tooMany(path, names.length, MAX_COUNTERS));
  else for (const name of names) validateLabelLikeName(name, path.key(name), errors);
}
