import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Written beside and renamed, so that no reader ever sees half a key. */
export function writeFileAtomically(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, text, { mode });
  renameSync(partial, path);
}

export const KEY_MODE = 0o600;
export const CERT_MODE = 0o644;
