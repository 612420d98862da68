// After `npm install` has changed package-lock.json: adds the entries of platform-specific packages that npm left out.
// npm drops an optional package from the lock file when the registry it asked does not offer it (a mirror for one
// platform), and then refuses its own lock file in `npm ci`. Such packages name their platform in their name.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingPlatformPackages } from './src/platform-packages.mjs';
import { ROOT } from './src/paths.mjs';

const file = join(ROOT, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = missingPlatformPackages(lock.packages);
const all = { ...lock.packages, ...missing };
const [root, ...paths] = Object.keys(all);
const sorted = [root, ...paths.sort((a, b) => a.localeCompare(b, 'en'))];
lock.packages = Object.fromEntries(sorted.map((path) => [path, all[path]]));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${Object.keys(missing).length} platform packages added to package-lock.json\n`);
