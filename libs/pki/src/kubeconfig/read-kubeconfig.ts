import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Kubeconfig, ResolvedKubeconfig } from './kubeconfig.ts';

/** Reads a kubeconfig and what its context refers to; relative paths are relative to the file, as kubectl has it. */
export function readKubeconfigFile(path: string, context?: string): ResolvedKubeconfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read kubeconfig ${path}: ${(error as Error).message}`, { cause: error });
  }
  return resolveKubeconfig(text, { path, ...(context === undefined ? {} : { context }) });
}

export function resolveKubeconfig(
  text: string,
  { path, context }: { path: string; context?: string },
): ResolvedKubeconfig {
  const fail = (what: string): never => {
    throw new Error(`kubeconfig ${path}: ${what}`);
  };
  const config = parseConfig(text, fail);
  const contextName = context ?? config['current-context'] ?? fail('no current-context');
  const entry = config.contexts?.find(({ name }) => name === contextName)?.context;
  if (!entry) return fail(`context "${contextName}" does not exist`);
  const cluster = config.clusters?.find(({ name }) => name === entry.cluster)?.cluster;
  if (!cluster) return fail(`cluster "${entry.cluster}" does not exist`);
  if (!cluster.server) return fail(`cluster "${entry.cluster}" has no server`);
  const user = config.users?.find(({ name }) => name === entry.user)?.user ?? {};

  /** Embedded data wins over a file, as in client-go. */
  const material = (data: string | undefined, file: string | undefined): string | undefined => {
    if (data) return Buffer.from(data, 'base64').toString('utf8');
    return file ? readFileSync(resolve(dirname(path), file), 'utf8') : undefined;
  };
  const found = {
    namespace: entry.namespace,
    caPem: material(cluster['certificate-authority-data'], cluster['certificate-authority']),
    tlsServerName: cluster['tls-server-name'],
    clientCertPem: material(user['client-certificate-data'], user['client-certificate']),
    clientKeyPem: material(user['client-key-data'], user['client-key']),
    token: user.token,
    tokenFile: user.tokenFile ? resolve(dirname(path), user.tokenFile) : undefined,
    username: user.username,
    password: user.password,
    exec: user.exec,
  };
  const present = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return {
    server: cluster.server,
    context: contextName,
    insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'] ?? false,
    ...present,
  };
}

function parseConfig(text: string, fail: (what: string) => never): Kubeconfig {
  try {
    const config: unknown = parse(text);
    if (typeof config === 'object' && config !== null) return config as Kubeconfig;
  } catch (error) {
    fail((error as Error).message.split('\n', 1)[0]!);
  }
  return fail('is not a mapping');
}
