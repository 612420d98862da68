/**
 * Checks the `args` of one `pluginConfig` entry against the fields the plugin knows. The fields' own values are the
 * plugin's to check.
 */
export function readArgs<T extends object>(
  kind: string,
  args: Readonly<Record<string, unknown>>,
  fields: readonly (keyof T & string)[],
): Partial<T> {
  if (args['kind'] !== undefined && args['kind'] !== kind) {
    throw new Error(`unexpected kind ${String(args['kind'])} of plugin args, want ${kind}`);
  }
  for (const name in args) {
    if (name === 'kind' || name === 'apiVersion') continue;
    if (!(fields as readonly string[]).includes(name))
      throw new Error(`strict decoding error: unknown field "${name}" in ${kind}`);
  }
  return args as Partial<T>;
}
