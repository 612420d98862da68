import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error -- plain JavaScript, because it runs before anything is installed
import { isSupported } from './node-binary.mjs';
// @ts-expect-error -- likewise
import { dependenciesAreCurrent } from './npm-dependencies.mjs';
// @ts-expect-error -- likewise
import { onPath } from './paths.mjs';
// @ts-expect-error -- likewise
import { missingPlatformPackages, platformOf } from './platform-packages.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'setup-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('isSupported', () => {
  it.each([
    ['v24.11.0', true],
    ['v24.21.0', true],
    ['v25.0.0', true],
    ['v24.10.9', false],
    ['v20.20.2', false],
  ])('%s: %s', (version, supported) => expect(isSupported(version)).toBe(supported));
});

describe('dependenciesAreCurrent', () => {
  const WANTED = {
    '': { version: '0.1.0' },
    'libs/a': { version: '0.1.0' },
    'node_modules/@pilothouse/a': { link: true },
    'node_modules/x': { version: '1.0.0' },
    'node_modules/fsevents': { version: '1.0.0', optional: true },
  };
  const write = (file: string, packages: object): void => writeFileSync(join(root, file), JSON.stringify({ packages }));

  it('is false when nothing, less or something else is installed, and true when all is', () => {
    write('package-lock.json', WANTED);
    expect(dependenciesAreCurrent(root)).toBe(false);
    mkdirSync(join(root, 'node_modules'));
    write('node_modules/.package-lock.json', {});
    expect(dependenciesAreCurrent(root)).toBe(false);
    write('node_modules/.package-lock.json', { 'node_modules/x': { version: '0.9.0' } });
    expect(dependenciesAreCurrent(root)).toBe(false);
    write('node_modules/.package-lock.json', { 'node_modules/x': { version: '1.0.0' } });
    expect(dependenciesAreCurrent(root)).toBe(true);
  });
});

describe('onPath', () => {
  it('finds what can be executed, in the order of the PATH', () => {
    for (const directory of ['a', 'b', 'c']) mkdirSync(join(root, directory));
    writeFileSync(join(root, 'a', 'tool'), '');
    writeFileSync(join(root, 'b', 'tool'), '');
    chmodSync(join(root, 'b', 'tool'), 0o755);
    mkdirSync(join(root, 'c', 'tool'));
    expect(onPath('tool', [join(root, 'a'), join(root, 'b'), join(root, 'c')].join(':'))).toEqual([
      join(root, 'b', 'tool'),
    ]);
  });
});

describe('missingPlatformPackages', () => {
  it.each([
    ['@nx/nx-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['@oxlint-tsgolint/win32-x64', { os: ['win32'], cpu: ['x64'] }],
    ['@oxfmt/binding-linux-x64-musl', { os: ['linux'], cpu: ['x64'] }],
    ['left-pad', undefined],
  ])('reads the platform of %s', (name, platform) => expect(platformOf(name)).toEqual(platform));

  it('adds only what has no entry and a fixed version', () => {
    const packages = {
      'node_modules/x': {
        dev: true,
        optionalDependencies: {
          'x-linux-x64': '1.0.0',
          'x-darwin-arm64': '1.0.0',
          'x-win32-x64': '^1.0.0',
          y: '1.0.0',
        },
      },
      'node_modules/x-linux-x64': { version: '1.0.0' },
    };
    expect(missingPlatformPackages(packages)).toEqual({
      'node_modules/x-darwin-arm64': { version: '1.0.0', os: ['darwin'], cpu: ['arm64'], dev: true, optional: true },
    });
  });
});
