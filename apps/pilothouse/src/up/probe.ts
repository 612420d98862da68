import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';

/** Whom the supervisor trusts and what it shows when it asks over TLS; parsed once, used for every probe. */
export interface ProbeIdentity {
  readonly secureContext: SecureContext;
}

/** The identity that a data directory's `pki` folder gives. */
export function readProbeIdentity(pki: string): ProbeIdentity {
  const read = (file: string): string => readFileSync(join(pki, file), 'utf8');
  const name = 'apiserver-kubelet-client';
  return {
    secureContext: createSecureContext({ ca: read('ca.crt'), cert: read(`${name}.crt`), key: read(`${name}.key`) }),
  };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export function probe(url: string, identity: ProbeIdentity): Promise<Answer | undefined> {
  return send('GET', url, identity);
}

const TIMEOUT_MS = 1000;

/** One request; undefined when there was no answer. Connections are not kept: one asks seldom and from anew. */
export function send(method: 'GET' | 'DELETE', url: string, identity: ProbeIdentity): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const options = { method, agent: false as const, timeout: TIMEOUT_MS };
    const request = url.startsWith('https:')
      ? httpsRequest(url, { ...options, ...identity })
      : httpRequest(url, options);
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', () => resolve(undefined));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
    request.end();
  });
}

/** How many nodes the apiserver calls Ready; undefined when it does not answer. */
export async function countReadyNodes(server: string, identity: ProbeIdentity): Promise<number | undefined> {
  const answer = await probe(`${server}/api/v1/nodes`, identity);
  if (answer?.status !== 200) return undefined;
  const { items = [] } = JSON.parse(answer.body) as { items?: NodeConditions[] };
  return items.filter((node) =>
    node.status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'),
  ).length;
}

/** Without its account no pod can be created in the default namespace. */
export async function hasDefaultServiceAccount(server: string, identity: ProbeIdentity): Promise<boolean> {
  return (await probe(`${server}/api/v1/namespaces/default/serviceaccounts/default`, identity))?.status === 200;
}

interface NodeConditions {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}
