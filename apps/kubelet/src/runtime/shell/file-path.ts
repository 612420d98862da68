import { posix } from 'node:path';

/** Absolute, with `.` and `..` worked out. */
export function resolvePath(cwd: string, path: string): string {
  return posix.resolve(cwd, path);
}

/** Lines with their newlines. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
