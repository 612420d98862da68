import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlagValues } from '@pilothouse/component';
import type { APISERVER_FLAGS } from './flags.ts';

type Flags = FlagValues<typeof APISERVER_FLAGS>;

/** PEM texts, the certificate with its intermediates. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Where the serving certificate is kept; undefined when it is made anew at each start and kept nowhere. */
export function servingFiles({ tlsCertFile, tlsPrivateKeyFile, certDir }: Flags): KeyPair | undefined {
  if (tlsCertFile !== '') return { cert: tlsCertFile, key: tlsPrivateKeyFile };
  if (certDir !== '') return { cert: join(certDir, 'apiserver.crt'), key: join(certDir, 'apiserver.key') };
  return undefined;
}

/**
 * The pair that the flags name, else the one in `--cert-dir`, else a self-signed one, which is put there for whoever
 * wants to trust it. That is upstream's order.
 */
export async function servingKeyPair(options: Flags): Promise<KeyPair> {
  const files = servingFiles(options);
  if (files && (options.tlsCertFile !== '' || (existsSync(files.cert) && existsSync(files.key)))) {
    return { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };
  }
  const { selfSignedServerCert } = await import('@pilothouse/pki');
  const hosts = ['localhost', '127.0.0.1', options.bindAddress, options.advertiseAddress].filter((each) => each !== '');
  const { certPem, keyPem } = await selfSignedServerCert([...new Set(hosts)]);
  if (files) {
    mkdirSync(options.certDir, { recursive: true });
    writeFileSync(files.cert, certPem);
    writeFileSync(files.key, keyPem, { mode: 0o600 });
  }
  return { cert: certPem, key: keyPem };
}
