import https from 'node:https';
import { readKubeconfigFile } from '@pilothouse/pki';
import { inject } from 'vitest';
import { Watch } from './watch.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- stories look into objects of every kind
export type Json = any;

export interface Answer {
  readonly code: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  readonly body: Json;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

const PATCH_TYPES: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** A request was refused; the Status says why. */
export class Refused extends Error {
  readonly answer: Answer;

  constructor(request: string, answer: Answer) {
    super(`${request}: ${answer.code} ${answer.text.slice(0, 1_000)}`);
    this.answer = answer;
  }
}

/** The API as raw JSON over HTTPS, nothing added: what a story says is what goes over the wire. */
export class Api {
  readonly server: string;
  readonly #agent: https.Agent;
  readonly #headers: Record<string, string>;

  private constructor(server: string, agent: https.Agent, headers: Record<string, string>) {
    this.server = server;
    this.#agent = agent;
    this.#headers = headers;
  }

  static admin(): Api {
    const config = readKubeconfigFile(inject('kubeconfig'));
    const tls = { ca: config.caPem, cert: config.clientCertPem, key: config.clientKeyPem };
    return new Api(config.server, new https.Agent({ ...tls, keepAlive: true }), {});
  }

  /** The same server, as whoever this token says. */
  static bearer(token: string): Api {
    const config = readKubeconfigFile(inject('kubeconfig'));
    return new Api(config.server, new https.Agent({ ca: config.caPem }), { authorization: `Bearer ${token}` });
  }

  /** As the administrator, on behalf of somebody else. */
  as(user: string, ...groups: readonly string[]): Api {
    const headers = { ...this.#headers, 'impersonate-user': user };
    return new Api(
      this.server,
      this.#agent,
      groups.length ? { ...headers, 'impersonate-group': groups.join(',') } : headers,
    );
  }

  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = https.request(this.#options(method, path, text, headers), (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answered = Buffer.concat(chunks).toString();
          resolve({
            code: response.statusCode ?? 0,
            headers: response.headers,
            text: answered,
            get body() {
              return JSON.parse(answered) as Json;
            },
          });
        });
      });
      request.on('error', reject);
      request.end(text);
    });
  }

  async #expect(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Json> {
    const answer = await this.send(method, path, body, headers);
    if (answer.code < 200 || answer.code > 299) throw new Refused(`${method} ${path}`, answer);
    return answer.body;
  }

  get(path: string): Promise<Json> {
    return this.#expect('GET', path);
  }

  create(path: string, body: unknown): Promise<Json> {
    return this.#expect('POST', path, body);
  }

  replace(path: string, body: unknown): Promise<Json> {
    return this.#expect('PUT', path, body);
  }

  patch(path: string, type: PatchType, body: unknown): Promise<Json> {
    return this.#expect('PATCH', path, body, { 'content-type': PATCH_TYPES[type] });
  }

  delete(path: string, body?: unknown): Promise<Json> {
    return this.#expect('DELETE', path, body);
  }

  /** Reads, changes and writes back until nobody was faster. */
  async update(path: string, change: (object: Json) => void, subresource = ''): Promise<Json> {
    for (;;) {
      const object = await this.get(path);
      change(object);
      const answer = await this.send('PUT', `${path}${subresource}`, object);
      if (answer.code === 409) continue;
      if (answer.code > 299) throw new Refused(`PUT ${path}${subresource}`, answer);
      return answer.body;
    }
  }

  watch(path: string): Watch {
    const separator = path.includes('?') ? '&' : '?';
    return Watch.open(https, this.#options('GET', `${path}${separator}watch=true`, undefined, {}));
  }

  #options(
    method: string,
    path: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): https.RequestOptions {
    const url = new URL(this.server);
    return {
      host: url.hostname,
      port: url.port,
      method,
      path,
      agent: this.#agent,
      headers: {
        accept: 'application/json',
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...this.#headers,
        ...headers,
      },
    };
  }
}
