import { badRequest, goQuote } from '@pilothouse/apimachinery';

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** A parameter that is a number, as Go's `strconv.ParseInt` reads it; undefined when it is not there. Throws 400. */
export function integerValue(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[+-]?[0-9]+$/.test(text)) throw unreadable('ParseInt', text, 'invalid syntax');
  const value = BigInt(text.replace(/^\+/, ''));
  if (value < MIN_INT64 || value > MAX_INT64) throw unreadable('ParseInt', text, 'value out of range');
  return Number(value);
}

function unreadable(parser: string, text: string, why: string) {
  return badRequest(`strconv.${parser}: parsing ${goQuote(text)}: ${why}`);
}

/** A parameter that is true or false; undefined when it is not there. Upstream: runtime.Convert_Slice_string_To_bool. */
export function booleanValue(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  return text === null ? undefined : isTrue(text);
}

/** Anything but `0` and `false` is true, even nothing: `?watch` asks for a watch. */
export function isTrue(text: string | null): boolean {
  return text !== null && text !== '0' && text.toLowerCase() !== 'false';
}
