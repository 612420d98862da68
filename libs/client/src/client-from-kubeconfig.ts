import { systemClock, type Clock } from '@pilothouse/component';
import { readKubeconfigFile, type ResolvedKubeconfig } from '@pilothouse/pki';
import { createClientPool } from './client-pool.ts';
import type { ClientIdentity, ClientPool, ClientPoolOptions, KubeClient, KubeClientOptions } from './contract.ts';
import { execTokenSource } from './credentials/exec-token-source.ts';
import { fileTokenSource } from './credentials/file-token-source.ts';
import { createKubeClient } from './kube-client.ts';

/** A client for a kubeconfig's current context: its server, and its user's certificate, token or credential plugin. */
export async function clientFromKubeconfig(
  path: string,
  options: Omit<KubeClientOptions, 'server' | 'tls' | 'token'>,
): Promise<KubeClient> {
  const config = readKubeconfigFile(path);
  return createKubeClient({ ...options, ...connectionOf(config), ...tokenOf(config, options.clock ?? systemClock()) });
}

/** A pool for the same server and user. Its clients may act as somebody else by impersonation. */
export async function clientPoolFromKubeconfig(
  path: string,
  options: Omit<ClientPoolOptions, 'server' | 'tls'>,
): Promise<ClientPool> {
  const config = readKubeconfigFile(path);
  const pool = createClientPool({ ...options, ...connectionOf(config) });
  const own = tokenOf(config, options.clock ?? systemClock());
  return { client: (identity: ClientIdentity) => pool.client({ ...own, ...identity }), close: () => pool.close() };
}

/**
 * A pool for the kubeconfig's server, but nobody in particular: each client brings a token. The certificate is left
 * out because an apiserver believes it before any token.
 */
export async function anonymousPoolFromKubeconfig(
  path: string,
  options: Omit<ClientPoolOptions, 'server' | 'tls'>,
): Promise<ClientPool> {
  const { server, tls } = connectionOf(readKubeconfigFile(path));
  return createClientPool({ ...options, server, tls: { ...tls, cert: undefined, key: undefined } });
}

function connectionOf(config: ResolvedKubeconfig): Pick<KubeClientOptions, 'server' | 'tls'> {
  return {
    server: config.server,
    tls: {
      ca: config.caPem,
      cert: config.clientCertPem,
      key: config.clientKeyPem,
      serverName: config.tlsServerName,
      insecureSkipVerify: config.insecureSkipTlsVerify,
    },
  };
}

/** In client-go's order of preference. */
function tokenOf(config: ResolvedKubeconfig, clock: Clock): Pick<KubeClientOptions, 'token'> {
  if (config.tokenFile) return { token: fileTokenSource(config.tokenFile, clock) };
  if (config.token) return { token: config.token };
  return config.exec ? { token: execTokenSource(config.exec, clock) } : {};
}
