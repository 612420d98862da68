import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { UserError } from './user-error.ts';

/** Node's own parser, because the supervisor stays resident and a library would too. */
export function readFlags<const O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: O,
  allowPositionals = false,
): ReturnType<typeof parseArgs<{ args: string[]; options: O; allowPositionals: boolean; strict: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true });
  } catch (error) {
    throw new UserError((error as Error).message.replace(/\. To specify.*$/s, ''));
  }
}

export function integerFlag(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
    throw new UserError(`--${name} must be a whole number from ${minimum} to ${maximum}, not ${JSON.stringify(text)}`);
  }
  return value;
}
