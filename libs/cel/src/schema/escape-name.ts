const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const ESCAPES: readonly (readonly [string, string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
];

/**
 * How expressions write a property's name; undefined for one that they cannot write.
 * https://kubernetes.io/docs/reference/using-api/cel/#escaping
 */
export function escapeName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_.\-/][A-Za-z0-9_.\-/]*$/.test(name)) return undefined;
  let escaped = name;
  for (const [text, replacement] of ESCAPES) escaped = escaped.replaceAll(text, replacement);
  return escaped;
}
