import type { APIService, Service } from '@pilothouse/api';
import { Backend, type BackendTls } from '../connect/backend.ts';
import type { Location } from '../connect/kubelet-location.ts';
import { serviceLocation } from '../connect/service-location.ts';
import type { Resources } from '../registry/resources.ts';
import type { UserInfo } from '../authentication/user-info.ts';
import { identityHeaders } from './identity-headers.ts';

const DEFAULT_PORT = 443;
const CHECK_TIMEOUT_MS = 5_000;

/** One extension server as its APIService describes it. */
export class ExtensionServer {
  readonly service: APIService;
  readonly backend: Backend;
  readonly #resources: Resources;

  constructor(service: APIService, resources: Resources, frontProxy: Pick<BackendTls, 'cert' | 'key'>) {
    this.service = service;
    this.#resources = resources;
    const { service: reference, caBundle, insecureSkipTLSVerify } = service.spec;
    this.backend = new Backend({
      ...frontProxy,
      ...(insecureSkipTLSVerify
        ? {}
        : {
            checked: true,
            ...(caBundle ? { ca: Buffer.from(caBundle, 'base64').toString() } : {}),
            serverName: `${reference?.name}.${reference?.namespace}.svc`,
          }),
    });
  }

  /** Throws 404 when there is no such service, 503 when nobody is behind it. */
  async location(): Promise<Location> {
    const { name = '', namespace = '', port = DEFAULT_PORT } = this.service.spec.service ?? {};
    const service = (await this.#resources.get('', 'services').registry.peek({ namespace, name }))?.object as
      | Service
      | undefined;
    if (service?.spec?.type === 'ExternalName') return { scheme: 'https', host: service.spec.externalName ?? '', port };
    return { scheme: 'https', ...(await serviceLocation(this.#resources, namespace, name, String(port))) };
  }

  /** GET as `user`; the body of a 2xx answer, otherwise an error that says what went wrong. */
  async fetch(path: string, accept: string, user: UserInfo): Promise<Buffer> {
    const location = await this.location();
    const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    const outgoing = this.backend.request(location, path, 'GET', { accept, ...identityHeaders(user) }, signal);
    return new Promise((resolve, reject) => {
      const url = `https://${location.host}:${location.port}${path}`;
      const fail = (why: string) => reject(new Error(`failing or missing response from ${url}: ${why}`));
      outgoing.once('error', ({ message }) => fail(`Get ${JSON.stringify(url)}: ${message}`));
      outgoing.once('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () => {
          const code = incoming.statusCode ?? 0;
          if (code >= 200 && code < 300) resolve(Buffer.concat(chunks));
          else fail(`bad status from ${url}: ${code}`);
        });
      });
      outgoing.end();
    });
  }

  close(): void {
    this.backend.close();
  }
}
