import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { UserError } from '../user-error.ts';

/** How to come to an etcd cluster; etcdctl's flags of the same names. */
export interface EtcdAccess {
  readonly endpoints: readonly string[];
  readonly tls?: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
}

/** Over this an ordinary call is given up; snapshots and defragmentation take as long as they take. */
const CALL_TIMEOUT_MS = 10_000;

export function etcdAccess(endpoints: string, cacert?: string, cert?: string, key?: string): EtcdAccess {
  const all = endpoints.split(',').map((each) => (/^https?:\/\//.test(each) ? each : `http://${each}`));
  if (!cacert && !cert && !key) return { endpoints: all };
  if (!cacert || !cert || !key) throw new UserError('--cacert, --cert and --key belong together');
  return { endpoints: all, tls: { ca: readPem(cacert), cert: readPem(cert), key: readPem(key) } };
}

/**
 * One call over etcd's JSON gateway, which needs no gRPC here: an operator's tool that starts in 50 ms.
 * https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/
 */
export async function callEtcd<T>(
  access: EtcdAccess,
  endpoint: string,
  path: string,
  body: object = {},
  timeoutMs = CALL_TIMEOUT_MS,
): Promise<T> {
  const answer = await openEtcdStream(access, endpoint, path, body, timeoutMs);
  return JSON.parse(await text(answer)) as T;
}

/** The same on whichever member answers first in the given order. */
export async function callAnyMember<T>(access: EtcdAccess, path: string, body: object = {}): Promise<T> {
  let failure: unknown;
  for (const endpoint of access.endpoints) {
    try {
      return await callEtcd<T>(access, endpoint, path, body);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** An answer that comes piece by piece, one JSON document a line. `timeoutMs` counts only while nothing comes; 0 is none. */
export function openEtcdStream(
  { tls }: EtcdAccess,
  endpoint: string,
  path: string,
  body: object,
  timeoutMs: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const refuse = (reason: string): void => reject(new UserError(`etcd at ${endpoint} ${reason}`));
    const client = endpoint.startsWith('https:') ? https : http;
    const options = { method: 'POST', timeout: timeoutMs, agent: false, ...tls };
    const call = client.request(endpoint + path, options, (response) => {
      if (response.statusCode === 200) return resolve(response);
      text(response).then((said) => refuse(`answers ${response.statusCode}: ${messageOf(said)}`), reject);
    });
    call.on('timeout', () => call.destroy(new Error(`nothing within ${timeoutMs} ms`)));
    call.on('error', (error) => refuse(`does not answer: ${error.message}`));
    call.end(JSON.stringify(body));
  });
}

function messageOf(said: string): string {
  try {
    const { message, error } = JSON.parse(said) as { message?: string; error?: string };
    return message ?? error ?? said;
  } catch {
    return said.trim();
  }
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${(error as Error).message}`);
  }
}
