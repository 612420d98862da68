import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error -- plain JavaScript, because it runs before anything is installed
import { importsOf, violationsOf } from './check-imports.mjs';
// @ts-expect-error -- likewise
import { MAY_IMPORT } from './import-rules.mjs';

const ALL = new Set(Object.keys(MAY_IMPORT).map((name) => `@pilothouse/${name}`));
const check = (path: string, source: string, declared: Set<string> = ALL): string[] =>
  violationsOf(path, source, declared);

describe('importsOf', () => {
  it('sees every form of import', () => {
    const source = `
      import a from 'one';
      import type { B } from "two";
      import { c,
        d } from './three.ts';
      import 'four';
      export { e } from 'five';
      export * from 'six';
      const f = await import('seven');
      const g: typeof import('eight') = f;
      const text = "no import from 'nine'";
    `;
    expect(importsOf(source)).toEqual(['one', 'two', './three.ts', 'four', 'five', 'six', 'seven', 'eight']);
  });
});

describe('violationsOf', () => {
  it.each([
    ['apps/scheduler/src/x.ts', '@pilothouse/etcd', 'scheduler may not import etcd'],
    ['apps/scheduler/src/x.ts', '@pilothouse/kubelet', 'scheduler may not import kubelet'],
    ['libs/storage/src/x.ts', '@pilothouse/api', 'storage may not import api'],
    ['libs/client/src/x.ts', '@pilothouse/api/src/kind.ts', 'reaches into api'],
    ['libs/client/src/x.ts', '../../api/src/kind.ts', 'leaves the project'],
    ['libs/apimachinery/src/x.ts', 'node:fs', 'apimachinery is pure'],
    ['apps/kubelet/src/x.ts', 'express', 'only the apiserver'],
    ['libs/storage/src/x.ts', 'etcd3', 'only libs/etcd'],
    ['libs/client/src/x.ts', '@pilothouse/testing', 'client may not import testing'],
  ])('refuses in %s an import of %s', (path, specifier, message) => {
    expect(check(path, `import { x } from '${specifier}';`)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['apps/scheduler/src/x.ts', '@pilothouse/client'],
    ['apps/scheduler/src/plugins/x.ts', '../framework/status.ts'],
    ['libs/etcd/src/x.ts', 'etcd3'],
    ['libs/client/src/x.test.ts', '@pilothouse/testing'],
    ['libs/apimachinery/src/x.test.ts', 'node:fs'],
    ['tests/e2e/x.test.ts', '@pilothouse/testing'],
  ])('allows in %s an import of %s', (path, specifier) => {
    expect(check(path, `import { x } from '${specifier}';`)).toEqual([]);
  });

  it('wants every project that is imported among the dependencies, so that the graph is right', () => {
    expect(check('libs/client/src/x.ts', "import '@pilothouse/api';", new Set())).toEqual([
      '@pilothouse/api is not a dependency in the package.json of client',
    ]);
  });
});

describe('the table of rules', () => {
  it('knows every project', () => {
    const root = join(import.meta.dirname, '..', '..', '..');
    for (const project of ['libs', 'apps']
      .flatMap((top) => globSync('*/package.json', { cwd: join(root, top) }))
      .map(dirname)) {
      expect(MAY_IMPORT).toHaveProperty(project);
    }
  });

  it('has no cycle', () => {
    const visit = (project: string, path: string[]): void => {
      expect(path, `${[...path, project].join(' → ')}`).not.toContain(project);
      for (const next of MAY_IMPORT[project] ?? []) visit(next, [...path, project]);
    };
    for (const project of Object.keys(MAY_IMPORT)) visit(project, []);
  });
});
