import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './fail.mjs';
import { findNode } from './node-binary.mjs';
import { ROOT } from './paths.mjs';

/** Generates the API's types and runtime schema when they are missing or older than what they are made from. */
export function ensureGeneratedCode(root = ROOT) {
  const made = modifiedAt(join(root, 'libs', 'api', 'src', 'generated', '.stamp'));
  const sources = ['proto', join('tools', 'codegen')].flatMap((folder) => filesBelow(join(root, folder)));
  if (sources.every((file) => modifiedAt(file) <= made)) return;
  const result = spawnSync(findNode(), [join(root, 'tools', 'codegen', 'generate.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.status !== 0)
    throw new SetupError('the API types could not be generated from proto/; see the messages above');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
