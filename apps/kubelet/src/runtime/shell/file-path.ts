/** Absolute, with `.` and `..` worked out. */
export function resolvePath(cwd: string, path: string): string {
  return new URL(path, `file://${cwd.endsWith('/') ? cwd : `${cwd}/`}`).pathname.replace(/(.)\/$/, '$1');
}

/** Lines with their newlines. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
