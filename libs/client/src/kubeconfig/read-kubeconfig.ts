import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { KubeClientOptions } from '../contract.ts';

/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/, the parts a component uses. */
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters?: readonly { readonly name: string; readonly cluster: Cluster }[];
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } }[];
  readonly users?: readonly { readonly name: string; readonly user: User }[];
}

interface Cluster {
  readonly server: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
}

interface User {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

export type Connection = Pick<KubeClientOptions, 'server' | 'tls' | 'token'>;

/** What a kubeconfig's current context says of the connection. Files it names are relative to it. */
export function connectionFromKubeconfig(text: string, path: string): Connection {
  const config = (parse(text) ?? {}) as Kubeconfig;
  const current = config['current-context'] ?? '';
  const context = config.contexts?.find((each) => each.name === current)?.context;
  if (!context) throw new Error(`${path}: context "${current}" does not exist`);
  const cluster = config.clusters?.find((each) => each.name === context.cluster)?.cluster;
  if (!cluster) throw new Error(`${path}: cluster "${context.cluster}" does not exist`);
  const user = config.users?.find((each) => each.name === context.user)?.user ?? {};
  const pem = (data: string | undefined, file: string | undefined): Buffer | undefined => {
    if (data) return Buffer.from(data, 'base64');
    return file ? readFileSync(resolve(dirname(path), file)) : undefined;
  };
  const { tokenFile } = user;
  return {
    server: cluster.server,
    tls: {
      ca: pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
      cert: pem(user['client-certificate-data'], user['client-certificate']),
      key: pem(user['client-key-data'], user['client-key']),
      serverName: cluster['tls-server-name'],
      insecureSkipVerify: cluster['insecure-skip-tls-verify'],
    },
    // A token file is rotated under the process: read it each time.
    token: user.token ?? (tokenFile ? () => readFileSync(resolve(dirname(path), tokenFile), 'utf8').trim() : undefined),
  };
}
