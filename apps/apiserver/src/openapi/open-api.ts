import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { notAcceptable, pathNotFound } from '@pilothouse/apimachinery';
import { respondBytes } from '../http/respond.ts';
import type { Resources } from '../registry/resources.ts';
import type { ApiRequest } from '../request.ts';
import { openApiDocument, type ServedResource } from './documents.ts';
import { groupVersionPath } from './operations.ts';

interface Document {
  readonly json: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
  /** What stands in the index behind `?hash=`; a client may cache by it for ever. */
  readonly hash: string;
}

/**
 * `/openapi/v2`, `/openapi/v3` and its documents, one a group version. Made when first asked for, and anew only when
 * what is served has changed. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
 */
export class OpenApi {
  readonly #resources: Resources;
  readonly #documents = new Map<string, Document>();

  constructor(resources: Resources) {
    this.#resources = resources;
    resources.onChange(() => this.#documents.clear());
  }

  async serve(request: ApiRequest, segments: readonly string[]): Promise<void> {
    const [, version, ...rest] = segments;
    if (version === 'v2' && rest.length === 0) return this.#respond(request, this.#v2());
    if (version !== 'v3') throw pathNotFound();
    if (rest.length === 0) return this.#respond(request, this.#index());
    const path = `/${rest.join('/')}`;
    const served = this.#byPath().get(path);
    if (served === undefined) throw pathNotFound();
    await this.#respond(request, this.#document(path, served));
  }

  #v2(): Document {
    return this.#cached('v2', () => openApiDocument(this.#served(), 'v2'));
  }

  #document(path: string, served: readonly ServedResource[]): Document {
    return this.#cached(path, () => openApiDocument(served, 'v3'));
  }

  #index(): Document {
    return this.#cached('index', () => {
      const paths: Record<string, { serverRelativeURL: string }> = {};
      for (const [path, served] of this.#byPath()) {
        const { hash } = this.#document(path, served);
        paths[path.slice(1)] = { serverRelativeURL: `/openapi/v3${path}?hash=${hash}` };
      }
      return { paths };
    });
  }

  #cached(key: string, make: () => object): Document {
    const known = this.#documents.get(key);
    if (known) return known;
    const json = Buffer.from(JSON.stringify(make()));
    const hash = createHash('sha512').update(json).digest('hex').toUpperCase();
    const document = { json, gzip: gzipSync(json, { level: 1 }), etag: `"${hash}"`, hash };
    this.#documents.set(key, document);
    return document;
  }

  #served(): ServedResource[] {
    return this.#resources
      .all()
      .flatMap(({ definition }) => definition.versions.map(({ version }) => ({ definition, version })));
  }

  #byPath(): Map<string, ServedResource[]> {
    const byPath = new Map<string, ServedResource[]>();
    for (const each of this.#served()) {
      const path = groupVersionPath(each.definition.group, each.version);
      byPath.set(path, [...(byPath.get(path) ?? []), each]);
    }
    return new Map([...byPath].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async #respond(request: ApiRequest, document: Document): Promise<void> {
    if (!acceptsJson(request.headers.accept)) throw notAcceptable(['application/json']);
    const headers = { etag: document.etag, vary: 'Accept, Accept-Encoding' };
    if (request.headers['if-none-match'] === document.etag)
      return respondBytes(request, 304, 'application/json', Buffer.alloc(0), headers);
    const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    await respondBytes(
      request,
      200,
      'application/json',
      zipped ? document.gzip : document.json,
      zipped ? { ...headers, 'content-encoding': 'gzip' } : headers,
    );
  }
}

function acceptsJson(accept: string | undefined): boolean {
  return accept === undefined || accept === '' || /application\/json|\*\/\*|application\/\*/.test(accept);
}
