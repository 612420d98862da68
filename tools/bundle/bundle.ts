// `npm run bundle [-- app …]`: makes apps/<app>/dist for every app, or for those that are named.
import { join } from 'node:path';
import { APPS, bundleApp } from './src/bundle-app.ts';

const root = join(import.meta.dirname, '..', '..');
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(APPS as readonly string[]).includes(name));
if (unknown !== undefined) {
  process.stderr.write(`error: there is no app ${unknown}; there are ${APPS.join(', ')}\n`);
  process.exit(1);
}
for (const app of wanted.length > 0 ? wanted : APPS) {
  const { bytes, files } = await bundleApp(app, root, join(root, 'apps', app, 'dist'));
  process.stdout.write(`apps/${app}/dist  ${(bytes / 1e6).toFixed(1)} MB in ${files} files\n`);
}
