export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
  note(what);
}

export function note(what: string): void {
  process.stdout.write(`  ✓ ${what}\n`);
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
