import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CONFORMANCE = join(import.meta.dirname, '../../../tests/conformance');

/** The titles of the stories of each file, as patterns: what a title takes from a table may be anything. */
function titles(): Map<string, RegExp[]> {
  const files = readdirSync(CONFORMANCE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  return new Map(
    files.map((name) => {
      const source = readFileSync(join(CONFORMANCE, name), 'utf8');
      const found = [
        ...source.matchAll(/\b(?:story|apiOperations)\(\s*(?:'([^']+)'|`((?:[^`$]|\$\{(?:[^{}`]|`[^`]*`)*\})+)`)/g),
      ];
      const patterns = found.map(([, plain, template]) => {
        const parts = (plain ?? template!).split(/\$\{(?:[^{}`]|`[^`]*`)*\}/);
        return new RegExp(
          `^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('.*')}$`,
        );
      });
      return [name.replace(/\.test\.ts$/, ''), patterns];
    }),
  );
}

test('the page of conformance requirements names stories that exist', () => {
  const known = titles();
  const text = readFileSync(join(CONFORMANCE, 'requirements.md'), 'utf8');
  const named = [...text.matchAll(/`([\w-]+\/[\w-]+): ([^`]+)`/g)];
  expect(named.length).toBeGreaterThan(150);
  const missing = named.filter(([, file, title]) => !known.get(file!)?.some((pattern) => pattern.test(title!)));
  expect(missing.map(([whole]) => whole)).toEqual([]);
});
