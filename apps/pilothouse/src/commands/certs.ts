import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateInfo, readKubeconfigFile } from '@pilothouse/pki';
import { DataDir } from '../data-dir/data-dir.ts';
import { readFlags } from '../flags.ts';
import { UserError } from '../user-error.ts';

const DAY_MS = 24 * 3600 * 1000;

export async function certs([first, ...rest]: readonly string[]): Promise<number> {
  if (first === 'make') return (await import('../certs/make-certs.ts')).makeCerts(rest);
  if (first === 'publish') return (await import('../certs/publish-kubeconfig.ts')).publishKubeconfig(rest);
  return listCerts(first === undefined ? [] : [first, ...rest]);
}

/** Lists every certificate with its authority and its end, as `kubeadm certs check-expiration` does. */
function listCerts(args: readonly string[]): number {
  const { values } = readFlags(args, { 'data-dir': { type: 'string' } });
  const dataDir = DataDir.from(values['data-dir']);
  const pki = join(dataDir.path, 'pki');
  if (!existsSync(pki)) throw new UserError(`there are no certificates in ${dataDir.path}`);
  const found: [name: string, pem: string][] = [];
  for (const file of readdirSync(pki, { recursive: true, encoding: 'utf8' }).sort()) {
    if (file.endsWith('.crt')) found.push([file.slice(0, -4), readFileSync(join(pki, file), 'utf8')]);
  }
  for (const file of readdirSync(dataDir.path).sort()) {
    const pem = file.endsWith('.conf') ? readKubeconfigFile(join(dataDir.path, file)).clientCertPem : undefined;
    if (pem) found.push([file, pem]);
  }
  process.stdout.write(`${'CERTIFICATE'.padEnd(28)}${'AUTHORITY'.padEnd(18)}${'EXPIRES'.padEnd(26)}LEFT\n`);
  for (const [name, pem] of found) {
    const { issuer, notAfter } = certificateInfo(pem);
    const days = Math.floor((notAfter.getTime() - Date.now()) / DAY_MS);
    process.stdout.write(`${name.padEnd(28)}${issuer.padEnd(18)}${notAfter.toISOString().padEnd(26)}${days} days\n`);
  }
  return 0;
}
