/** `--name=value`, `--name value` and `--name` of a command line in Go's manner; one or two dashes. */
export function flagsOf(args: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const [, name, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(args[index]!) ?? [];
    if (name === undefined) continue;
    const next = args[index + 1];
    if (value !== undefined) flags.set(name, value);
    else if (next !== undefined && !next.startsWith('-')) flags.set(name, args[++index]!);
    else flags.set(name, 'true');
  }
  return flags;
}
