import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this runs from. */
export const REPOSITORY = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Compiled code survives between runs: types are stripped once, and the second start costs half of the first. */
export const COMPILE_CACHE = join(REPOSITORY, '.cache', 'compile');
