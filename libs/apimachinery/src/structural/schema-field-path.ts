import { propertiesOf, valuesOf, type JsonSchema } from './json-schema.ts';

export type SchemaFieldPath =
  | { readonly path: readonly string[]; readonly text: string; readonly schema: JsonSchema }
  | { readonly error: string };

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

/**
 * A path of fields and map keys (`.spec.replicas`, `.metadata.annotations['a/b']`) followed through a schema: `path` its
 * steps, `text` as a field error names it, `schema` what it leads to.
 */
export function schemaFieldPath(
  jsonPath: string,
  root: JsonSchema,
  options: { arrayNotation?: boolean } = {},
): SchemaFieldPath {
  const path: string[] = [];
  let text = '';
  let schema = root;
  const tokens = jsonPath.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/g) ?? [];
  let at = 0;
  while (at < tokens.length) {
    const token = tokens[at++]!;
    let name: string;
    if (token === '[') {
      if (options.arrayNotation === false) return { error: 'array notation is not allowed' };
      const quoted = tokens[at++];
      if (quoted === undefined) return { error: 'unexpected end of JSON path' };
      if (!/^'.*'$/s.test(quoted)) return { error: `expected single quoted string but got ${quoted}` };
      name = quoted.slice(1, -1).replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? '');
      const end = tokens[at++];
      if (end === undefined) return { error: 'unexpected end of JSON path' };
      if (end !== ']') return { error: `expected ] but got ${end}` };
    } else if (token === '.') {
      const next = tokens[at++];
      if (next === undefined) return { error: 'unexpected end of JSON path' };
      name = next;
    } else return { error: `expected [ or . but got: ${token}` };
    const values = valuesOf(schema);
    if (propertiesOf(schema).length > 0) {
      const property = propertiesOf(schema).find(([key]) => key === name)?.[1];
      if (property === undefined) return { error: 'does not refer to a valid field' };
      schema = property;
      text += text === '' ? name : `.${name}`;
    } else if (values) {
      schema = values;
      text += `[${name}]`;
    } else return { error: 'does not refer to a valid field' };
    path.push(name);
  }
  return { path, text, schema };
}
