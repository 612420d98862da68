import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKubeconfigFile, resolveKubeconfig } from './read-kubeconfig.ts';
import { writeKubeconfig } from './write-kubeconfig.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const config = (user: string, cluster = 'server: https://c:6443'): string => `
apiVersion: v1
kind: Config
current-context: one
contexts: [{name: one, context: {cluster: c, user: u, namespace: n}}, {name: two, context: {cluster: missing, user: u}}]
clusters: [{name: c, cluster: {${cluster}}}]
users: [{name: u, user: {${user}}}]
`;

describe('readKubeconfigFile', () => {
  it('reads back what was written', () => {
    const text = writeKubeconfig({
      clusterName: 'test',
      server: 'https://127.0.0.1:6443',
      caPem: 'CA',
      user: 'jane',
      client: { certPem: 'CERT', keyPem: 'KEY' },
    });
    expect(resolveKubeconfig(text, { path: 'x' })).toEqual({
      server: 'https://127.0.0.1:6443',
      context: 'jane@test',
      insecureSkipTlsVerify: false,
      caPem: 'CA',
      clientCertPem: 'CERT',
      clientKeyPem: 'KEY',
    });
  });

  it('finds files relative to the kubeconfig', () => {
    writeFileSync(join(dir, 'ca.crt'), 'CA');
    const path = join(dir, 'config');
    writeFileSync(path, config('tokenFile: token', 'server: https://c, certificate-authority: ca.crt'));
    expect(readKubeconfigFile(path)).toMatchObject({ caPem: 'CA', tokenFile: join(dir, 'token'), namespace: 'n' });
  });

  it('keeps the credential plugin for the client to run', () => {
    const exec = 'exec: {apiVersion: client.authentication.k8s.io/v1, command: login, args: [a]}';
    expect(resolveKubeconfig(config(exec), { path: 'x' }).exec).toMatchObject({ command: 'login', args: ['a'] });
  });

  it.each([
    ['a context that is not there', config('token: t'), 'none', 'context "none" does not exist'],
    ['a cluster that is not there', config('token: t'), 'two', 'cluster "missing" does not exist'],
    ['a cluster without a server', config('token: t', ''), undefined, 'cluster "c" has no server'],
    ['text that is no mapping', 'hello', undefined, 'is not a mapping'],
  ])('refuses %s', (_what, text, context, message) => {
    const options = context === undefined ? { path: 'file' } : { path: 'file', context };
    expect(() => resolveKubeconfig(text, options)).toThrow(`kubeconfig file: ${message}`);
  });

  it('says which file it cannot read', () => {
    expect(() => readKubeconfigFile('/nowhere/config')).toThrow('cannot read kubeconfig /nowhere/config');
  });
});
