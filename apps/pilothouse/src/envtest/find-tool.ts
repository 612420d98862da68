import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { UserError } from '../user-error.ts';

/** An absolute path to a binary, as a shell finds it. Refused when it was asked for by a flag and is not there. */
export function findTool(name: string, flag?: string): string | undefined {
  const candidates = name.includes('/')
    ? [resolve(name)]
    : (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, name));
  const found = candidates.find(isExecutable);
  if (found === undefined && flag !== undefined) {
    throw new UserError(`there is no ${name}: put it on the PATH or set ${flag} to it`);
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
