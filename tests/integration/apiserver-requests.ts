import { gunzipSync } from 'node:zlib';
import { readKubeconfigFile } from '@pilothouse/pki';
import { createKubeClient, type KubeClient } from '@pilothouse/client';
import type { RunningApiserver } from '@pilothouse/testing';

/** An answer; its body is read as JSON when asked for. */
export interface Answer {
  readonly code: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- the body is whatever the server sent
  readonly body: any;
}

export interface RequestOptions {
  /** An object is sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Requests with a user's client certificate, past the conveniences of the client library. */
export interface Requests {
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, type: 'json' | 'merge' | 'strategic' | 'apply', body: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
  close(): void;
}

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export function requestsOf(server: RunningApiserver, user?: string): Requests {
  const config = readKubeconfigFile(server.kubeconfig(user));
  const client: KubeClient = createKubeClient({
    server: server.server,
    userAgent: 'integration-test/1.0',
    tls: { ca: config.caPem, cert: config.clientCertPem, key: config.clientKeyPem },
  });
  return requestsThrough(client);
}

function requestsThrough(client: KubeClient): Requests {
  const send = async (method: string, path: string, { body, headers }: RequestOptions = {}): Promise<Answer> => {
    const raw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
    const answer = await client.raw(method, path, {
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    });
    const isCompressed = answer.headers['content-encoding'] === 'gzip';
    const text = (isCompressed ? gunzipSync(answer.body) : answer.body).toString();
    return {
      code: answer.status,
      headers: answer.headers,
      text,
      get body() {
        return JSON.parse(text) as unknown;
      },
    };
  };
  return {
    send,
    get: (path, headers) => send('GET', path, headers ? { headers } : {}),
    post: (path, body, headers) => send('POST', path, { body, ...(headers ? { headers } : {}) }),
    put: (path, body) => send('PUT', path, { body }),
    patch: (path, type, body) => send('PATCH', path, { body, headers: { 'content-type': PATCH_TYPES[type] } }),
    delete: (path, body) => send('DELETE', path, body === undefined ? {} : { body }),
    close: () => client.close(),
  };
}
