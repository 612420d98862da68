import { evaluateArithmetic } from './arithmetic.ts';
import type { ProcessStep } from './process.ts';
import { runShell } from './run-shell.ts';
import type { ShellState } from './shell-state.ts';
import type { Word } from './syntax.ts';

/** Variables, command substitutions and arithmetic, then splitting into fields where nothing is quoted. */
export function* expandWords(
  words: readonly Word[],
  state: ShellState,
): Generator<ProcessStep, string[], string | undefined> {
  const fields: string[] = [];
  for (const word of words) {
    let current: string | undefined;
    for (const part of word) {
      const text = yield* expandPart(part, state);
      if (('quoted' in part && part.quoted) || ('text' in part && 'quoted' in part)) {
        current = (current ?? '') + text;
        continue;
      }
      const pieces = text.split(/[ \t\n]+/);
      for (const [index, piece] of pieces.entries()) {
        if (index > 0 && current !== undefined) {
          fields.push(current);
          current = undefined;
        }
        if (piece !== '') current = (current ?? '') + piece;
      }
    }
    if (current !== undefined) fields.push(current);
  }
  return fields;
}

function* expandPart(part: Word[number], state: ShellState): Generator<ProcessStep, string, string | undefined> {
  const { context } = state;
  if ('text' in part) return part.text;
  if ('arithmetic' in part) return String(evaluateArithmetic(part.arithmetic, (name) => context.env[name] ?? '0'));
  if ('substitution' in part) {
    let output = '';
    const process = runShell(part.substitution, { ...context, env: { ...context.env } });
    for (let step = process.next(); ;) {
      if (step.done) return output.replace(/\n+$/, '');
      if (step.value.type === 'write' && step.value.stream === 'stdout') {
        output += step.value.text;
        step = process.next();
      } else {
        step = process.next(yield step.value);
      }
    }
  }
  return variable(part.variable, state) || part.fallback || '';
}

function variable(name: string, { context, lastCode }: ShellState): string {
  if (name === '?') return String(lastCode);
  if (name === '$') return '1';
  if (name === '#') return String(Math.max(0, context.positional.length - 1));
  if (name === '@' || name === '*') return context.positional.slice(1).join(' ');
  if (/^\d$/.test(name)) return context.positional[Number(name)] ?? '';
  return context.env[name] ?? '';
}
