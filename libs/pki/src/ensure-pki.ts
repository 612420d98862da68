import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expiresSoon, certificateInfo, isUsable } from './certificate-info.ts';
import type { CertificateSubject } from './certificate.ts';
import type { CertificatePair } from './key-pair.ts';
import { writeKubeconfig } from './kubeconfig/write-kubeconfig.ts';
import { CERT_MODE, KEY_MODE, writeFileAtomically } from './write-file.ts';

/** A process, or a person, that comes to the apiserver with a client certificate in a kubeconfig. */
export interface PkiComponent {
  /** Names the file: `<name>.conf`. */
  readonly name: string;
  readonly user: string;
  readonly groups: readonly string[];
}

export interface PkiOptions {
  /** DNS names and addresses of the apiserver. */
  readonly hosts: readonly string[];
  /** DNS names and addresses of etcd's members beside loopback. */
  readonly etcdHosts?: readonly string[];
  /** What the kubeconfigs point at, as in `https://127.0.0.1:6443`. */
  readonly server: string;
  readonly clusterName?: string;
  readonly components: readonly PkiComponent[];
  /** Made anew when less is left; kubeadm renews on upgrade, we on every start. */
  readonly renewBeforeDays?: number;
  readonly now?: Date;
}

/** Where things are, by kubeadm's names. Certificates are `<path>.crt`, keys `<path>.key`. */
export interface Pki {
  readonly dir: string;
  readonly created: readonly string[];
  path(file: string): string;
  kubeconfig(component: string): string;
}

interface Leaf extends CertificateSubject {
  readonly name: string;
  readonly authority: string;
}

const AUTHORITIES: Readonly<Record<string, string>> = {
  ca: 'kubernetes',
  'front-proxy-ca': 'front-proxy-ca',
  'etcd/ca': 'etcd-ca',
};

/** https://kubernetes.io/docs/setup/best-practices/certificates/ */
function leaves(hosts: readonly string[], etcdHosts: readonly string[]): Leaf[] {
  const loopback = ['localhost', '127.0.0.1', '::1'];
  const etcdMember = { authority: 'etcd/ca', commonName: 'etcd', hosts: [...loopback, ...etcdHosts] };
  const etcdClient = { authority: 'etcd/ca', usages: ['client'] as const };
  return [
    { name: 'apiserver', authority: 'ca', commonName: 'kube-apiserver', hosts, usages: ['server'] },
    {
      name: 'apiserver-kubelet-client',
      authority: 'ca',
      commonName: 'kube-apiserver-kubelet-client',
      organizations: ['system:masters'],
      usages: ['client'],
    },
    { name: 'kubelet', authority: 'ca', commonName: 'kubelet', hosts: loopback, usages: ['server'] },
    { name: 'kube-scheduler', authority: 'ca', commonName: 'kube-scheduler', hosts: loopback, usages: ['server'] },
    {
      name: 'kube-controller-manager',
      authority: 'ca',
      commonName: 'kube-controller-manager',
      hosts: loopback,
      usages: ['server'],
    },
    {
      name: 'metrics-server',
      authority: 'ca',
      commonName: 'metrics-server',
      hosts: [...loopback, 'metrics-server.kube-system.svc'],
      usages: ['server'],
    },
    { name: 'front-proxy-client', authority: 'front-proxy-ca', commonName: 'front-proxy-client', usages: ['client'] },
    { name: 'etcd/server', ...etcdMember, usages: ['server', 'client'] },
    { name: 'etcd/peer', ...etcdMember, usages: ['server', 'client'] },
    { name: 'apiserver-etcd-client', commonName: 'kube-apiserver-etcd-client', ...etcdClient },
    { name: 'etcd/healthcheck-client', commonName: 'kube-etcd-healthcheck-client', ...etcdClient },
  ];
}

/**
 * Makes whatever is missing, about to expire or no longer fits, and leaves the rest alone. The generating library is
 * loaded only when there is something to make: a restart just reads.
 */
export async function ensurePki(dir: string, options: PkiOptions): Promise<Pki> {
  const { renewBeforeDays = 30, now = new Date(), clusterName = 'pilothouse' } = options;
  const path = (file: string): string => join(dir, 'pki', file);
  const created: string[] = [];
  const authorities = new Map<string, CertificatePair>();

  for (const [name, commonName] of Object.entries(AUTHORITIES)) {
    let pair = readPair(path(name));
    if (!pair) {
      const { createCertificateAuthority } = await import('./certificate.ts');
      pair = await createCertificateAuthority(commonName, { now });
      savePair(path(name), pair);
      created.push(`${name}.crt`);
    }
    authorities.set(name, pair);
  }

  const sign = async (name: string, leaf: Omit<Leaf, 'name'>): Promise<CertificatePair> => {
    const { createSignedCertificate } = await import('./certificate.ts');
    created.push(name);
    return createSignedCertificate(authorities.get(leaf.authority)!, { ...leaf, now });
  };
  const stillFits = (pair: CertificatePair | undefined, leaf: Omit<Leaf, 'name'>): pair is CertificatePair =>
    pair !== undefined &&
    isUsable(pair.certPem, pair.keyPem, authorities.get(leaf.authority)!.certPem) &&
    !expiresSoon(pair.certPem, renewBeforeDays, now) &&
    covers(pair.certPem, leaf);

  for (const leaf of leaves(options.hosts, options.etcdHosts ?? [])) {
    const pair = readPair(path(leaf.name));
    if (!stillFits(pair, leaf)) savePair(path(leaf.name), await sign(`${leaf.name}.crt`, leaf));
  }
  if (!existsSync(path('sa.key')) || !existsSync(path('sa.pub'))) {
    const { createServiceAccountKey } = await import('./key-pair.ts');
    const { keyPem, publicPem } = createServiceAccountKey();
    writeFileAtomically(path('sa.key'), keyPem, KEY_MODE);
    writeFileAtomically(path('sa.pub'), publicPem, CERT_MODE);
    created.push('sa.key');
  }

  const { readKubeconfigFile } = await import('./kubeconfig/read-kubeconfig.ts');
  const kubeconfig = (component: string): string => join(dir, `${component}.conf`);
  for (const { name, user, groups } of options.components) {
    const file = kubeconfig(name);
    const leaf = { authority: 'ca', commonName: user, organizations: groups, usages: ['client'] as const };
    const before = existsSync(file) ? readKubeconfigFile(file) : undefined;
    const pair =
      before?.clientCertPem && before.clientKeyPem
        ? { certPem: before.clientCertPem, keyPem: before.clientKeyPem }
        : undefined;
    const fits = stillFits(pair, leaf);
    if (fits && before!.server === options.server) continue;
    const client = fits ? pair : await sign(`${name}.conf`, leaf);
    const caPem = authorities.get('ca')!.certPem;
    const text = writeKubeconfig({ clusterName, server: options.server, caPem, user, client });
    writeFileAtomically(file, text, KEY_MODE);
  }
  return { dir, created, path, kubeconfig };
}

function covers(certPem: string, { commonName, organizations = [], hosts = [] }: Omit<Leaf, 'name'>): boolean {
  const info = certificateInfo(certPem);
  const known = new Set(info.hosts.map(normalizeHost));
  return (
    info.commonName === commonName &&
    // Exactly: a group too many is a right too many.
    info.organizations.length === organizations.length &&
    organizations.every((each) => info.organizations.includes(each)) &&
    hosts.every((host) => known.has(normalizeHost(host)))
  );
}

/** Node prints ::1 in its long form. */
function normalizeHost(host: string): string {
  return host.includes(':') ? new URL(`http://[${host}]`).hostname : host.toLowerCase();
}

function readPair(path: string): CertificatePair | undefined {
  const [cert, key] = [`${path}.crt`, `${path}.key`];
  if (!existsSync(cert) || !existsSync(key)) return undefined;
  return { certPem: readFileSync(cert, 'utf8'), keyPem: readFileSync(key, 'utf8') };
}

function savePair(path: string, { certPem, keyPem }: CertificatePair): void {
  writeFileAtomically(`${path}.key`, keyPem, KEY_MODE);
  writeFileAtomically(`${path}.crt`, certPem, CERT_MODE);
}
