import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this runs from. */
export const REPOSITORY = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
