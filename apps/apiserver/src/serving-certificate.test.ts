import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FlagValues } from '@pilothouse/component';
import type { APISERVER_FLAGS } from './flags.ts';
import { servingFiles, servingKeyPair } from './serving-certificate.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pilothouse-cert-dir-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function flags(given: Partial<Record<'tlsCertFile' | 'tlsPrivateKeyFile' | 'certDir', string>>) {
  const none = { tlsCertFile: '', tlsPrivateKeyFile: '', certDir: '', bindAddress: '0.0.0.0', advertiseAddress: '' };
  return { ...none, ...given } as FlagValues<typeof APISERVER_FLAGS>;
}

function pair(name: string) {
  const [tlsCertFile, tlsPrivateKeyFile] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)];
  writeFileSync(tlsCertFile, `certificate ${name}`);
  writeFileSync(tlsPrivateKeyFile, `key ${name}`);
  return { tlsCertFile, tlsPrivateKeyFile };
}

describe('the serving certificate', () => {
  test('is the one that the flags name, whatever is in --cert-dir', async () => {
    pair('apiserver');
    const options = flags({ ...pair('named'), certDir: directory });
    expect(await servingKeyPair(options)).toEqual({ cert: 'certificate named', key: 'key named' });
  });

  test('is found in --cert-dir', async () => {
    pair('apiserver');
    const found = await servingKeyPair(flags({ certDir: directory }));
    expect(found).toEqual({ cert: 'certificate apiserver', key: 'key apiserver' });
  });

  test('is made and kept where --cert-dir has none', async () => {
    const options = flags({ certDir: join(directory, 'new') });
    const made = await servingKeyPair(options);
    expect(made.cert).toContain('BEGIN CERTIFICATE');
    expect(readFileSync(servingFiles(options)!.cert, 'utf8')).toBe(made.cert);
    expect(await servingKeyPair(options)).toEqual(made);
  });

  test('is kept nowhere without --cert-dir', () => {
    expect(servingFiles(flags({}))).toBeUndefined();
  });
});
