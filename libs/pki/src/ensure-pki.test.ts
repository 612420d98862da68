import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateInfo, isUsable } from './certificate-info.ts';
import { ensurePki } from './ensure-pki.ts';
import type { PkiOptions } from './ensure-pki.ts';
import { readKubeconfigFile } from './kubeconfig/read-kubeconfig.ts';

const OPTIONS: PkiOptions = {
  hosts: ['localhost', '127.0.0.1', '::1'],
  server: 'https://127.0.0.1:6443',
  components: [{ name: 'admin', user: 'kubernetes-admin', groups: ['system:masters'] }],
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pki-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const read = (path: string): string => readFileSync(path, 'utf8');

describe('ensurePki', () => {
  it('makes everything under the names of kubeadm, keys for the owner only', async () => {
    const pki = await ensurePki(dir, OPTIONS);
    for (const name of ['apiserver', 'apiserver-kubelet-client', 'front-proxy-client', 'etcd/server', 'etcd/peer']) {
      const authority = name.startsWith('etcd/') ? 'etcd/ca' : name === 'front-proxy-client' ? 'front-proxy-ca' : 'ca';
      const [cert, key] = [read(pki.path(`${name}.crt`)), read(pki.path(`${name}.key`))];
      expect(isUsable(cert, key, read(pki.path(`${authority}.crt`))), name).toBe(true);
      expect(statSync(pki.path(`${name}.key`)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(pki.path('sa.key')).mode & 0o777).toBe(0o600);
    expect(statSync(pki.kubeconfig('admin')).mode & 0o777).toBe(0o600);
    const admin = readKubeconfigFile(pki.kubeconfig('admin'));
    expect(admin).toMatchObject({ server: OPTIONS.server, caPem: read(pki.path('ca.crt')) });
    expect(certificateInfo(admin.clientCertPem!)).toMatchObject({
      commonName: 'kubernetes-admin',
      organizations: ['system:masters'],
    });
  });

  it('makes nothing the second time', async () => {
    const first = await ensurePki(dir, OPTIONS);
    const before = read(first.path('ca.crt')) + read(first.path('apiserver.crt')) + read(first.kubeconfig('admin'));
    const second = await ensurePki(dir, OPTIONS);
    expect(second.created).toEqual([]);
    expect(read(first.path('ca.crt')) + read(first.path('apiserver.crt')) + read(first.kubeconfig('admin'))).toBe(
      before,
    );
  });

  it('makes only what no longer fits: a new host, a lost file, a key of another certificate', async () => {
    const pki = await ensurePki(dir, OPTIONS);
    rmSync(pki.path('front-proxy-client.crt'));
    writeFileSync(pki.path('etcd/peer.key'), read(pki.path('etcd/server.key')));
    const { created } = await ensurePki(dir, { ...OPTIONS, hosts: [...OPTIONS.hosts, 'example.test'] });
    expect(created).toEqual(['apiserver.crt', 'front-proxy-client.crt', 'etcd/peer.crt']);
  });

  it('renews what is about to expire, under the same authority', async () => {
    const pki = await ensurePki(dir, OPTIONS);
    const authority = read(pki.path('ca.crt'));
    const inElevenMonths = new Date(Date.now() + 340 * 24 * 3600 * 1000);
    const { created } = await ensurePki(dir, { ...OPTIONS, now: inElevenMonths });
    expect(created).toContain('apiserver.crt');
    expect(created).toContain('admin.conf');
    expect(created).not.toContain('ca.crt');
    expect(read(pki.path('ca.crt'))).toBe(authority);
  });

  it('points the kubeconfig at a new server without a new identity', async () => {
    const pki = await ensurePki(dir, OPTIONS);
    const { clientCertPem } = readKubeconfigFile(pki.kubeconfig('admin'));
    const { created } = await ensurePki(dir, { ...OPTIONS, server: 'https://127.0.0.1:7443' });
    expect(created).toEqual([]);
    expect(readKubeconfigFile(pki.kubeconfig('admin'))).toMatchObject({
      server: 'https://127.0.0.1:7443',
      clientCertPem,
    });
  });
});
