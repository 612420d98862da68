import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { readKubeconfigFile, type ResolvedKubeconfig } from '@pilothouse/pki';
import { readAnswer } from './read-answer.ts';

const MAX_ANSWER_BYTES = 3 * 1024 * 1024;

export interface KubeconfigWebhookAnswer {
  readonly code: number;
  readonly body: Buffer;
}

/**
 * A service outside that is named by a kubeconfig: `cluster` says where it is, `user` what this server shows it. The form
 * in which audit, image policy and other webhooks of the apiserver itself are configured.
 * https://kubernetes.io/docs/reference/access-authn-authz/webhook/#configuration-file-format
 */
export class KubeconfigWebhook {
  readonly #config: ResolvedKubeconfig;
  readonly #url: URL;
  readonly #agent: http.Agent;

  /** Throws when the file is none. */
  constructor(file: string) {
    this.#config = readKubeconfigFile(file);
    this.#url = new URL(this.#config.server);
    const { caPem, clientCertPem, clientKeyPem, insecureSkipTlsVerify, tlsServerName } = this.#config;
    const name = tlsServerName ?? this.#url.hostname;
    this.#agent =
      this.#url.protocol === 'https:'
        ? new https.Agent({
            keepAlive: true,
            // As in Go, the serving certificate itself may stand in for its authority.
            ...(caPem ? { ca: caPem, allowPartialTrustChain: true } : {}),
            ...(clientCertPem ? { cert: clientCertPem } : {}),
            ...(clientKeyPem ? { key: clientKeyPem } : {}),
            rejectUnauthorized: !insecureSkipTlsVerify,
            // A name in the handshake must not be an address; the certificate is checked against it all the same.
            servername: isIP(name) ? '' : name,
          })
        : new http.Agent({ keepAlive: true });
  }

  post(value: unknown, timeoutMs: number): Promise<KubeconfigWebhookAnswer> {
    const body = Buffer.from(JSON.stringify(value));
    const client = this.#url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const request = client.request(this.#url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, */*',
          'content-length': body.length,
          'user-agent': 'kube-apiserver',
          ...this.#authorization(),
        },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const fail = (error: Error) => reject(new Error(`Post ${JSON.stringify(this.#url.href)}: ${error.message}`));
      request.once('error', fail);
      request.once('response', (response) => {
        const read = readAnswer(response, MAX_ANSWER_BYTES);
        read.then((body) => resolve({ code: response.statusCode ?? 0, body }), fail);
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #authorization(): { authorization?: string } {
    const { token, tokenFile, username, password = '' } = this.#config;
    if (tokenFile) return { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
    if (token) return { authorization: `Bearer ${token}` };
    if (username) return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
    return {};
  }
}
