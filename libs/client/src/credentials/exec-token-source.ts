import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Clock } from '@pilothouse/component';
import type { KubeconfigExec } from '@pilothouse/pki';

/** A token is replaced this long before it expires, so that it is still good when it arrives. */
const MARGIN_MS = 10_000;

interface ExecCredential {
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string };
}

/**
 * Tokens from a credential plugin, asked again when the last one is about to expire.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export function execTokenSource(exec: KubeconfigExec, clock: Clock): () => Promise<string> {
  let current: Promise<{ token: string; expiresAtMs: number }> | undefined;
  let expiresAtMs = Infinity;
  return async () => {
    if (clock.now().getTime() > expiresAtMs - MARGIN_MS) current = undefined;
    current ??= runPlugin(exec);
    try {
      const credential = await current;
      expiresAtMs = credential.expiresAtMs;
      return credential.token;
    } catch (error) {
      current = undefined;
      throw error;
    }
  };
}

async function runPlugin(exec: KubeconfigExec): Promise<{ token: string; expiresAtMs: number }> {
  const { apiVersion, command, args, env } = exec;
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: { interactive: false } });
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const options = { env: { ...process.env, ...own, KUBERNETES_EXEC_INFO: info } };
  const { stdout } = await promisify(execFile)(command, [...(args ?? [])], options);
  const { status } = JSON.parse(stdout) as ExecCredential;
  if (!status?.token) throw new Error(`exec plugin ${command} did not return a token`);
  return {
    token: status.token,
    expiresAtMs: status.expirationTimestamp ? Date.parse(status.expirationTimestamp) : Infinity,
  };
}
