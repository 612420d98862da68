import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSignedServerCert } from '@pilothouse/pki';
import type { Json } from '../api.ts';

/** An extension API server of the smallest kind: flunders in memory, with discovery, create, get, list and delete. */
export class ExtensionServer {
  readonly #server: https.Server;
  readonly #objects = new Map<string, Json>();
  readonly #groupVersion: string;
  readonly caBundle: string;
  /** On whose behalf the aggregator came, newest last. */
  readonly users: string[] = [];

  private constructor(groupVersion: string, certPem: string, keyPem: string) {
    this.#groupVersion = groupVersion;
    this.caBundle = Buffer.from(certPem).toString('base64');
    this.#server = https.createServer({ cert: certPem, key: keyPem }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const user = request.headers['x-remote-user'];
        if (typeof user === 'string') this.users.push(user);
        const { code, body } = this.#answer(request.method!, request.url!, Buffer.concat(chunks).toString());
        response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
  }

  /** With a certificate for the service that stands before it. */
  static async start(groupVersion: string, host: string): Promise<ExtensionServer> {
    const { certPem, keyPem } = await selfSignedServerCert([host]);
    const extension = new ExtensionServer(groupVersion, certPem, keyPem);
    await new Promise<void>((resolve) => extension.#server.listen(0, '127.0.0.1', resolve));
    return extension;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(method: string, url: string, body: string): { code: number; body: Json } {
    const { pathname } = new URL(url, 'https://x');
    if (pathname === `/apis/${this.#groupVersion}`) return { code: 200, body: this.#discovery() };
    const [, namespace, name = ''] = /\/namespaces\/([^/]+)\/flunders(?:\/([^/]+))?$/.exec(pathname) ?? [];
    if (namespace === undefined) return { code: 404, body: notFound(pathname) };
    const key = `${namespace}/${name}`;
    if (method === 'POST') return { code: 201, body: this.#create(namespace, JSON.parse(body) as Json) };
    if (name === '') {
      const items = [...this.#objects.values()].filter(({ metadata }) => metadata.namespace === namespace);
      return { code: 200, body: { ...this.#kind('FlunderList'), metadata: { resourceVersion: '1' }, items } };
    }
    const found = this.#objects.get(key);
    if (found === undefined) return { code: 404, body: notFound(name) };
    if (method === 'DELETE') this.#objects.delete(key);
    return { code: 200, body: found };
  }

  #create(namespace: string, { metadata, ...rest }: Json): Json {
    const object = { ...rest, ...this.#kind('Flunder'), metadata: { ...metadata, namespace } };
    this.#objects.set(`${namespace}/${metadata.name}`, object);
    return object;
  }

  #kind(kind: string): Json {
    return { apiVersion: this.#groupVersion, kind };
  }

  #discovery(): Json {
    const verbs = ['create', 'delete', 'get', 'list'];
    const flunders = { name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs };
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: this.#groupVersion, resources: [flunders] };
  }
}

const notFound = (what: string): Json => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'NotFound',
  message: `${what} not found`,
  code: 404,
});
