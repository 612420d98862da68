import { createHash } from 'node:crypto';
import https from 'node:https';
import { isIP } from 'node:net';
import { StatusError } from '@pilothouse/apimachinery';
import type { WebhookClientConfig } from '@pilothouse/api';
import type { Resources } from '../../registry/resources.ts';
import { readAnswer } from '../../connect/read-answer.ts';
import { describeTransportError } from '../../connect/transport-error.ts';
import { resolveService, type ServiceAddress } from './service-location.ts';
import { webhookUrl, type WebhookUrl } from './webhook-url.ts';

/** What a webhook may answer with at most, as upstream's REST client has it. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface WebhookAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/**
 * Posts to webhooks, by URL or through a service. Connections are kept and shared by all webhooks of one host and
 * authority.
 */
export class WebhookClient {
  readonly #resources: Resources;
  // As in Go, a bundle may hold the serving certificate itself instead of an authority: operators often do that.
  readonly #agent = new https.Agent({ keepAlive: true, maxFreeSockets: 64, allowPartialTrustChain: true });
  readonly #authorities = new Map<string, string>();

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  /** Throws an Error whose message is upstream's for the same failure. */
  async post(
    config: WebhookClientConfig,
    body: Buffer,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<WebhookAnswer> {
    const url = webhookUrl(config, timeoutMs);
    try {
      const address = await this.#address(config, url);
      return await this.#send(address, url, config, body, timeoutMs, signal);
    } catch (error) {
      const why =
        error instanceof StatusError || error instanceof Deadline
          ? error.message
          : describeTransportError(error, url.host);
      throw new Error(`Post ${JSON.stringify(`https://${url.host}${url.path}`)}: ${why}`);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #address({ service }: WebhookClientConfig, { hostname, port }: WebhookUrl): Promise<ServiceAddress> {
    if (!service) return { host: hostname, port };
    return resolveService(this.#resources, service.namespace, service.name, port);
  }

  #send(
    { host, port }: ServiceAddress,
    url: WebhookUrl,
    { caBundle }: WebhookClientConfig,
    body: Buffer,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<WebhookAnswer> {
    const deadline = AbortSignal.timeout(timeoutMs);
    return new Promise((resolve, reject) => {
      const request = https.request({
        agent: this.#agent,
        method: 'POST',
        host,
        port,
        path: url.path,
        // A name in the handshake must not be an address; the certificate is checked against it all the same.
        servername: isIP(url.hostname) ? '' : url.hostname,
        ...(caBundle ? { ca: this.#authority(caBundle) } : {}),
        headers: {
          host: url.host,
          'content-type': 'application/json',
          accept: 'application/json, */*',
          'content-length': body.length,
          'user-agent': 'kube-apiserver-admission',
        },
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      const fail = (error: Error) => reject(deadline.aborted ? new Deadline('context deadline exceeded') : error);
      request.once('error', fail);
      request.once('response', (response) => {
        const { statusCode: code = 0, headers } = response;
        const read = readAnswer(response, MAX_ANSWER_BYTES);
        read.then((text) => resolve({ code, contentType: headers['content-type'] ?? '', body: text }), fail);
      });
      request.end(body);
    });
  }

  /** The PEM text, the same string each time: connections are shared by it. */
  #authority(caBundle: string): string {
    const key = createHash('sha256').update(caBundle).digest('base64');
    let pem = this.#authorities.get(key);
    if (pem === undefined) this.#authorities.set(key, (pem = Buffer.from(caBundle, 'base64').toString()));
    return pem;
  }
}

class Deadline extends Error {}
