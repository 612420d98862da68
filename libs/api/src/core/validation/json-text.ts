import { JsonDecodeError, parseJson } from '@pilothouse/apimachinery';

/** A value parsed from JSON inside an object, or what is wrong with it as Go's decoder says it. */
export type ParsedJson = { readonly value: unknown } | { readonly problem: string };

/** `goType` is what upstream decodes into: a list (`[]…`) or a map. `null` is an empty one. */
export function parseJsonText(text: string, goType: string): ParsedJson {
  let value: unknown;
  try {
    ({ value } = parseJson(text));
  } catch (error) {
    if (error instanceof JsonDecodeError) return { problem: error.message };
    throw error;
  }
  const wanted = goType.startsWith('[]') ? 'array' : 'object';
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  if (value === null || kind === wanted) return { value };
  return { problem: `json: cannot unmarshal ${kind} into Go value of type ${goType}` };
}
