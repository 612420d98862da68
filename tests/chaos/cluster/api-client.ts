import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { json } from 'node:stream/consumers';
import { readKubeconfigFile } from '@pilothouse/pki';

const REQUEST_TIMEOUT_MS = 10_000;

export interface Answer {
  readonly code: number;
  readonly body: Record<string, any>;
}

/** A client of its own, independent of the one under test: JSON over HTTP/1.1, no retries, no caches. */
export class ApiClient {
  readonly #agent: Agent;
  readonly #server: string;

  /** Of the kubeconfig's server, or of another that knows the same users. */
  constructor(kubeconfig: string, other?: string) {
    const { server, caPem, clientCertPem, clientKeyPem } = readKubeconfigFile(kubeconfig);
    this.#server = other ?? server;
    this.#agent = new Agent({ keepAlive: true, ca: caPem!, cert: clientCertPem!, key: clientKeyPem! });
  }

  /** Rejects when there is no answer; any answer, refusals included, is a value. */
  async call(method: string, path: string, body?: object, contentType = 'application/json'): Promise<Answer> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const answering = this.#open(method, path, body, contentType, REQUEST_TIMEOUT_MS);
    // Over all: a connection that breaks in the middle of an answer can leave its body without an end.
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${REQUEST_TIMEOUT_MS} ms`));
      answering.then(
        (response) => response.destroy(),
        () => {},
      );
    }, REQUEST_TIMEOUT_MS);
    try {
      const response = await Promise.race([answering, late]);
      return { code: response.statusCode!, body: (await Promise.race([json(response), late])) as Answer['body'] };
    } finally {
      clearTimeout(timer);
    }
  }

  /** A watch as it comes over the wire. */
  watch(path: string): Promise<IncomingMessage> {
    return this.#open('GET', path, undefined, '', 0);
  }

  close(): void {
    this.#agent.destroy();
  }

  #open(
    method: string,
    path: string,
    body: object | undefined,
    contentType: string,
    timeout: number,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = body ? { 'content-type': contentType } : {};
      const call = request(this.#server + path, { method, headers, agent: this.#agent, timeout }, resolve);
      call.on('timeout', () => call.destroy(new Error(`no answer within ${timeout} ms`)));
      call.on('error', reject);
      call.end(body && JSON.stringify(body));
    });
  }
}
