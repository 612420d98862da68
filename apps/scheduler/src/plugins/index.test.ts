import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_PLUGINS } from '../config/default-profile.ts';
import { PLUGINS } from './index.ts';

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts'));
const kebab = (name: string) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

test('every plugin file is in the list, under its own name, and has a test', () => {
  const sources = files.filter((name) => !name.endsWith('.test.ts') && name !== 'index.ts');
  expect(PLUGINS.map(({ name }) => `${kebab(name)}.ts`).sort()).toEqual(sources.sort());
  expect(files).toEqual(expect.arrayContaining(sources.map((name) => name.replace('.ts', '.test.ts'))));
});

test('the default profile names only plugins that there are', () => {
  const names = PLUGINS.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(DEFAULT_PLUGINS.map(({ name }) => name)));
});
