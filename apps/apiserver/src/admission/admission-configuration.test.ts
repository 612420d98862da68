import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configurationOf, readAdmissionConfiguration } from './admission-configuration.ts';

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-admission-'));
  writeFileSync(join(folder, 'limits.yaml'), 'apiVersion: a/v1\nkind: Configuration\nlimits: [1]\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(content: string): ReturnType<typeof readAdmissionConfiguration> {
  const file = join(folder, 'admission.yaml');
  writeFileSync(file, content);
  return readAdmissionConfiguration(file);
}

test('a plugin’s configuration is in the file itself, or in one beside it', () => {
  const configuration = read(
    `${HEAD}plugins:\n- {name: A, path: limits.yaml}\n- {name: B, configuration: {x: 1}}\n- {name: C}\n`,
  );
  expect(configurationOf(configuration, 'A', 'a/v1')).toMatchObject({ limits: [1] });
  expect(configuration.get('B')).toEqual({ x: 1 });
  expect(configurationOf(configuration, 'C', 'c/v1')).toBeUndefined();
  expect(() => configurationOf(configuration, 'A', 'a/v2')).toThrow('admission plugin A is not a a/v2 Configuration');
});

test.each([
  ['kind: Config\n', 'expected an apiserver.config.k8s.io/v1 AdmissionConfiguration'],
  ['', 'expected an apiserver.config.k8s.io/v1 AdmissionConfiguration'],
  [`${HEAD}plugins: [{path: x}]\n`, 'plugins[0].name: Required value'],
  [`${HEAD}plugins: [{name: A, path: gone.yaml}]\n`, 'unable to read admission control configuration from'],
  ['a: [\n', 'unable to read admission control configuration from'],
])('refuses %j', (content, why) => {
  expect(() => read(content)).toThrow(why);
});
