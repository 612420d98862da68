import { formatDuration, parseDurationMs } from './duration.ts';

/**
 * One command-line flag, read as Go's pflag reads it, because people bring upstream's command lines with them.
 * `ignored`: known upstream and accepted here without effect; said once in the log when it is set.
 */
export interface Flag<T> {
  readonly type: string;
  readonly description: string;
  readonly default: T;
  readonly ignored: boolean;
  /** May stand alone, as `--leader-elect` does; then it never takes the next argument as its value. */
  readonly bare?: string;
  /** Folds one more occurrence into the value; throws an Error that says what is wrong with the text. */
  parse(text: string, before: T | undefined): T;
  /** For `--help` and `/configz`. */
  format(value: T): string;
}

export interface FlagOptions<T> {
  readonly default?: T;
  readonly description?: string;
  readonly ignored?: boolean;
}

type Rest<T> = Pick<Flag<T>, 'parse' | 'format' | 'bare'>;

function define<T>(type: string, zero: T, options: FlagOptions<T> | undefined, rest: Rest<T>): Flag<T> {
  const { description = '', ignored = false } = options ?? {};
  return { type, description, ignored, default: options?.default ?? zero, ...rest };
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function parseBool(text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new Error('expected true or false');
}

function parseEntries(text: string): [string, string][] {
  return splitList(text).map((entry) => {
    const at = entry.indexOf('=');
    if (at < 0) throw new Error(`${entry} must be formatted as key=value`);
    return [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
  });
}

function splitList(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

/** The kinds of flag there are. Durations are milliseconds in code and Go's text (`10s`) on the command line. */
export const flag = {
  string: (options?: FlagOptions<string>) =>
    define('string', '', options, { parse: (text) => text, format: (value) => value }),

  int: (options?: FlagOptions<number>) =>
    define('int', 0, options, {
      parse(text) {
        if (!/^[-+]?\d+$/.test(text)) throw new Error('expected an integer');
        return Number(text);
      },
      format: String,
    }),

  float: (options?: FlagOptions<number>) =>
    define('float', 0, options, {
      parse(text) {
        const value = Number(text);
        if (text.trim() === '' || Number.isNaN(value)) throw new Error('expected a number');
        return value;
      },
      format: String,
    }),

  bool: (options?: FlagOptions<boolean>) =>
    define('', false, options, { parse: parseBool, format: String, bare: 'true' }),

  duration: (options?: FlagOptions<number>) =>
    define('duration', 0, options, {
      parse(text) {
        const ms = parseDurationMs(text);
        if (ms === undefined) throw new Error('expected a duration such as 10s or 1m30s');
        return ms;
      },
      format: formatDuration,
    }),

  /** Comma-separated and repeatable; the first occurrence replaces the default. */
  list: (options?: FlagOptions<readonly string[]>) =>
    define<readonly string[]>('strings', [], options, {
      parse: (text, before) => [...(before ?? []), ...splitList(text)],
      format: (value) => value.join(','),
    }),

  /** `key=value` pairs, comma-separated and repeatable. */
  map: (options?: FlagOptions<Readonly<Record<string, string>>>) =>
    define<Readonly<Record<string, string>>>('mapStringString', {}, options, {
      parse: (text, before) => ({ ...before, ...Object.fromEntries(parseEntries(text)) }),
      format: (value) =>
        Object.entries(value)
          .map(([key, each]) => `${key}=${each}`)
          .join(','),
    }),

  /** `--feature-gates=A=true,B=false`. */
  boolMap: (options?: FlagOptions<Readonly<Record<string, boolean>>>) =>
    define<Readonly<Record<string, boolean>>>('mapStringBool', {}, options, {
      parse: (text, before) => ({
        ...before,
        ...Object.fromEntries(parseEntries(text).map(([key, value]) => [key, parseBool(value)])),
      }),
      format: (value) =>
        Object.entries(value)
          .map(([key, each]) => `${key}=${each}`)
          .join(','),
    }),
};
