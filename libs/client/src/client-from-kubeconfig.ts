import { readFile } from 'node:fs/promises';
import type { KubeClient, KubeClientOptions } from './contract.ts';
import { connectionFromKubeconfig } from './kubeconfig/read-kubeconfig.ts';
import { createKubeClient } from './kube-client.ts';

/** A client for a kubeconfig's current context: its server, and its user's certificate or token. */
export async function clientFromKubeconfig(
  path: string,
  options: Omit<KubeClientOptions, 'server' | 'tls' | 'token'>,
): Promise<KubeClient> {
  const connection = connectionFromKubeconfig(await readFile(path, 'utf8'), path);
  return createKubeClient({ ...connection, ...options });
}
