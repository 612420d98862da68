import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

/** A service outside that the apiserver asks, with the kubeconfig that says where it is: for tests. */
export class KubeconfigService<Review extends object> {
  readonly kubeConfigFile: string;
  /** What it was asked, in order. */
  readonly asked: Review[] = [];
  /** What it answers with. */
  code = 200;
  readonly #dir: string;
  readonly #server: http.Server;

  private constructor(dir: string, server: http.Server) {
    this.#dir = dir;
    this.#server = server;
    this.kubeConfigFile = join(dir, 'webhook.yaml');
  }

  /** Answers each review with itself and the status given. */
  static async start<Review extends object>(statusOf: (review: Review) => unknown): Promise<KubeconfigService<Review>> {
    const server = http.createServer((request, response) => {
      void (async () => {
        const review = (await json(request)) as Review;
        service.asked.push(review);
        response.writeHead(service.code, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ ...review, status: statusOf(review) }));
      })();
    });
    const service = new KubeconfigService<Review>(mkdtempSync(join(tmpdir(), 'pilothouse-service-')), server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/review`;
    const kubeconfig = {
      clusters: [{ name: 'c', cluster: { server: url } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: '' } }],
      'current-context': 'c',
    };
    writeFileSync(service.kubeConfigFile, JSON.stringify(kubeconfig));
    return service;
  }

  /** As it was at the beginning. */
  reset(): void {
    this.asked.length = 0;
    this.code = 200;
  }

  close(): void {
    this.#server.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
