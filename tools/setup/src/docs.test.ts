import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

// Documents drift silently. Every link to a file and every path in backticks must exist.
const ROOT = join(import.meta.dirname, '../../..');
const TOP_LEVEL = /^(?:apps|libs|proto|deploy|docs|tests|tools|\.ci)\//;

const documents = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

function brokenPaths(document: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  const links = [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => normalize(join(dirname(document), target)));
  const paths = [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, path]) => path!)
    .filter((path) => TOP_LEVEL.test(path) && !/[<>*{}…]/.test(path));
  return [...links, ...paths].filter((path) => !existsSync(join(ROOT, path))).map((path) => relative('', path));
}

describe('documents', () => {
  test.each(documents)('%s names only what exists', (document) => {
    expect(brokenPaths(document)).toEqual([]);
  });
});
