import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSignedServerCert } from '@pilothouse/pki';

/** What a webhook is asked, as far as tests look at it. */
export interface ReviewRequest {
  readonly uid: string;
  readonly operation: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly dryRun: boolean;
  // oxlint-disable-next-line typescript/no-explicit-any -- the object is of whatever kind the test sends
  readonly object: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly oldObject: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly [field: string]: any;
}

export interface Reply {
  readonly allowed: boolean;
  readonly status?: object;
  /** JSON Patch operations. */
  readonly patch?: readonly object[];
  readonly warnings?: readonly string[];
  /** Answers this instead of an AdmissionReview. */
  readonly raw?: { readonly code: number; readonly body: string };
  readonly delayMs?: number;
}

export type Behaviour = (request: ReviewRequest) => Reply | Promise<Reply>;

/** A webhook server of the kind that operators bring: HTTPS, AdmissionReview v1, one behaviour per path. */
export class WebhookServer {
  readonly #server: https.Server;
  readonly #behaviours = new Map<string, Behaviour>();
  /** Every question so far, by path. */
  readonly asked: { readonly path: string; readonly request: ReviewRequest }[] = [];
  readonly caBundle: string;

  private constructor(certPem: string, keyPem: string) {
    this.caBundle = Buffer.from(certPem).toString('base64');
    this.#server = https.createServer({ cert: certPem, key: keyPem }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on(
        'end',
        () => void this.#answer(new URL(request.url ?? '/', 'https://x').pathname, Buffer.concat(chunks), response),
      );
    });
  }

  static async start(hosts: readonly string[] = ['127.0.0.1', 'localhost']): Promise<WebhookServer> {
    const { certPem, keyPem } = await selfSignedServerCert([...hosts]);
    const server = new WebhookServer(certPem, keyPem);
    await new Promise<void>((resolve) => server.#server.listen(0, '0.0.0.0', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Serves a behaviour and returns the client configuration that reaches it. */
  serve(path: string, behaviour: Behaviour): { readonly url: string; readonly caBundle: string } {
    this.#behaviours.set(path, behaviour);
    return { url: `https://127.0.0.1:${this.port}${path}`, caBundle: this.caBundle };
  }

  askedAt(path: string): readonly ReviewRequest[] {
    return this.asked.filter((each) => each.path === path).map(({ request }) => request);
  }

  async #answer(path: string, body: Buffer, response: import('node:http').ServerResponse): Promise<void> {
    const { request } = JSON.parse(body.toString()) as { request: ReviewRequest };
    this.asked.push({ path, request });
    const { patch, raw, delayMs = 0, ...reply } = (await this.#behaviours.get(path)?.(request)) ?? { allowed: true };
    const review = {
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      response: {
        uid: request.uid,
        ...reply,
        ...(patch ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') } : {}),
      },
    };
    setTimeout(() => {
      response.writeHead(raw?.code ?? 200, { 'content-type': raw ? 'text/plain' : 'application/json' });
      response.end(raw?.body ?? JSON.stringify(review));
    }, delayMs);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
