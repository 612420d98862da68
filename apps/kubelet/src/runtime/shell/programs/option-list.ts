export interface Options {
  /** The value of an option, or an empty string for one that takes none; the last one counts. */
  readonly values: ReadonlyMap<string, string>;
  readonly all: readonly (readonly [string, string])[];
  readonly operands: readonly string[];
}

/** Options in the manner of getopt: `-qO-`, `-T 5`, `--timeout=5`. `withValue` names those that take a value. */
export function parseOptions(args: readonly string[], withValue: readonly string[]): Options {
  const all: [string, string][] = [];
  const operands: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '--') {
      operands.push(...args.slice(index + 1));
      break;
    }
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name !== undefined) {
      all.push([name, value ?? (withValue.includes(name) ? (args[++index] ?? '') : '')]);
    } else if (arg.length > 1 && arg.startsWith('-')) {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg[at]!;
        if (!withValue.includes(letter)) all.push([letter, '']);
        else {
          all.push([letter, arg.slice(at + 1) || (args[++index] ?? '')]);
          break;
        }
      }
    } else operands.push(arg);
  }
  return { values: new Map(all), all, operands };
}
