import { systemClock, type Clock } from '@pilothouse/component';
import { readKubeconfigFile, type ResolvedKubeconfig } from '@pilothouse/pki';
import type { KubeClient, KubeClientOptions } from './contract.ts';
import { execTokenSource } from './credentials/exec-token-source.ts';
import { fileTokenSource } from './credentials/file-token-source.ts';
import { createKubeClient } from './kube-client.ts';

/** A client for a kubeconfig's current context: its server, and its user's certificate, token or credential plugin. */
export async function clientFromKubeconfig(
  path: string,
  options: Omit<KubeClientOptions, 'server' | 'tls' | 'token'>,
): Promise<KubeClient> {
  const config = readKubeconfigFile(path);
  const token = tokenSource(config, options.clock ?? systemClock());
  return createKubeClient({
    ...options,
    server: config.server,
    tls: {
      ca: config.caPem,
      cert: config.clientCertPem,
      key: config.clientKeyPem,
      serverName: config.tlsServerName,
      insecureSkipVerify: config.insecureSkipTlsVerify,
    },
    ...(token === undefined ? {} : { token }),
  });
}

/** In client-go's order of preference. */
function tokenSource(config: ResolvedKubeconfig, clock: Clock): KubeClientOptions['token'] {
  if (config.tokenFile) return fileTokenSource(config.tokenFile, clock);
  if (config.token) return config.token;
  return config.exec && execTokenSource(config.exec, clock);
}
