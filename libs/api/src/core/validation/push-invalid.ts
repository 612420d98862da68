import { type FieldError, type FieldPath, invalidValue } from '@pilothouse/apimachinery';

/** One `Invalid value` for each message of a rule such as `isDNS1123Label`. */
export function pushInvalid(errors: FieldError[], path: FieldPath, value: unknown, messages: readonly string[]): void {
  for (const message of messages) errors.push(invalidValue(path, value, message));
}
