import type { Flag } from './flag.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a set of flags of every type
export type FlagSet = Readonly<Record<string, Flag<any>>>;

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** `{'secure-port': flag.int()}` is read as `options.securePort`. */
export type FlagValues<F extends FlagSet> = {
  readonly [K in keyof F & string as CamelCase<K>]: F[K] extends Flag<infer T> ? T : never;
};

export interface ParsedFlags<F extends FlagSet> {
  readonly values: FlagValues<F>;
  /** Names of the flags that stood on the command line. */
  readonly set: ReadonlySet<string>;
  readonly arguments: readonly string[];
}

/** A command line that cannot be read; its message is the one line the user sees. */
export class FlagError extends Error {
  override name = 'FlagError';
}

/**
 * Reads arguments as pflag does: `--name=value`, `--name value`, bare booleans, `-v=4`, `-v 4`, `_` for `-` in names,
 * `--` ends the flags. Every unknown flag is an error.
 */
export function parseFlags<F extends FlagSet>(flags: F, args: readonly string[]): ParsedFlags<F> {
  const found = new Map<string, unknown>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      rest.push(...args.slice(i + 1));
      break;
    }
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(arg);
    if (!match || !arg.startsWith('-')) {
      rest.push(arg);
      continue;
    }
    const name = match[1]!.replaceAll('_', '-');
    const definition = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (!definition || (name.length > 1 && !arg.startsWith('--')))
      throw new FlagError(`unknown flag: ${arg.split('=')[0]}`);
    const text = match[2] ?? definition.bare ?? args[++i];
    if (text === undefined) throw new FlagError(`flag needs an argument: --${name}`);
    found.set(name, parseOne(name, definition, text, found.get(name)));
  }
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(flags)) {
    values[camelCase(name)] = found.has(name) ? found.get(name) : definition.default;
  }
  return { values: values as FlagValues<F>, set: new Set(found.keys()), arguments: rest };
}

function parseOne(name: string, definition: Flag<unknown>, text: string, before: unknown): unknown {
  try {
    return definition.parse(text, before);
  } catch (error) {
    throw new FlagError(`invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${(error as Error).message}`);
  }
}

export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
