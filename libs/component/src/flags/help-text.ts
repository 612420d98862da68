import type { FlagSet } from './parse-flags.ts';

/** What `--help` prints: every flag with its type, its meaning and its default. */
export function helpText(name: string, description: string, flags: FlagSet): string {
  const rows = Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([flagName, { type, description: meaning, default: value, format, ignored }]) => {
      const left = `${flagName.length === 1 ? `  -${flagName}` : `      --${flagName}`}${type ? ` ${type}` : ''}`;
      const shown = format(value);
      const suffix = shown === '' || shown === 'false' || shown === '0' ? '' : ` (default ${shown})`;
      return { left, right: `${meaning}${suffix}${ignored ? ' (accepted without effect)' : ''}` };
    });
  const width = Math.max(...rows.map(({ left }) => left.length)) + 3;
  const lines = rows.map(({ left, right }) => `${left.padEnd(width)}${right}`.trimEnd());
  return `${description}\n\nUsage:\n  ${name} [flags]\n\nFlags:\n${lines.join('\n')}\n`;
}
