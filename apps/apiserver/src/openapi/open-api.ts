import { loadDescriptions, type Describe } from '@pilothouse/api';
import { pathNotFound, type OpenApiVersion } from '@pilothouse/apimachinery';
import { respondBytes } from '../http/respond.ts';
import type { Resources } from '../registry/resources.ts';
import type { ApiRequest } from '../request.ts';
import type { RemoteOpenApi } from '../aggregation/remote-open-api.ts';
import { convertToV3 } from './convert-to-v3.ts';
import { openApiDocument } from './documents.ts';
import { mergeDocuments, type DocumentV2 } from './merge-documents.ts';
import type { ServedResource } from './served-resource.ts';
import { discoveryOperations } from './discovery-operations.ts';
import { groupVersionPath, type Operation } from './operation.ts';
import { PublishedDocument, wantedRepresentation } from './published-document.ts';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * `/openapi/v2`, `/openapi/v3` and its documents, one a group version. Made when first asked for, and anew only when
 * what is served has changed. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
 */
export class OpenApi {
  readonly #resources: Resources;
  readonly #remotes: () => readonly RemoteOpenApi[];
  readonly #documents = new Map<string, PublishedDocument>();
  /** Here once a document has been asked for. */
  #describe: Describe = () => undefined;

  /** `remotes` are the documents of extension servers. */
  constructor(resources: Resources, remotes: () => readonly RemoteOpenApi[]) {
    this.#resources = resources;
    this.#remotes = remotes;
    resources.onChange(() => this.changed());
  }

  /** What was made before is out of date. */
  changed(): void {
    this.#documents.clear();
  }

  async serve(request: ApiRequest, segments: readonly string[]): Promise<void> {
    const [, version, ...rest] = segments;
    this.#describe = await loadDescriptions();
    if (version === 'v2' && rest.length === 0) return this.#respond(request, this.#v2(), 'v2');
    if (version !== 'v3') throw pathNotFound();
    if (rest.length === 0) return this.#respond(request, this.#index(), 'v3');
    const path = `/${rest.join('/')}`;
    const document = this.#byPath().get(path)?.();
    if (document === undefined) throw pathNotFound();
    const wanted = request.query.get('hash');
    if (!wanted) return this.#respond(request, document, 'v3');
    if (wanted !== document.hash) return redirect(request, locationOf(path, document));
    const expires = new Date(request.receivedAt.getTime() + YEAR_MS).toUTCString();
    await this.#respond(request, document, 'v3', { 'cache-control': 'public, immutable', expires });
  }

  #v2(): PublishedDocument {
    return this.#cached('v2', 'v2', () => {
      const remotes = this.#remotes();
      const served = this.#served().filter(({ definition, version }) =>
        remotes.every(({ path }) => path !== groupVersionPath(definition.group, version)),
      );
      let document: DocumentV2 = openApiDocument(served, 'v2', this.#describe, discoveryOperations(served));
      for (const { path, v2 } of remotes) if (v2) document = mergeDocuments(document, v2, path);
      return document;
    });
  }

  #index(): PublishedDocument {
    return this.#cached('index', 'v3', () => {
      const paths: Record<string, { serverRelativeURL: string }> = {};
      for (const [path, document] of this.#byPath()) {
        paths[path.slice(1)] = { serverRelativeURL: locationOf(path, document()) };
      }
      return { paths };
    });
  }

  #cached(key: string, version: OpenApiVersion, make: () => object): PublishedDocument {
    let known = this.#documents.get(key);
    if (known === undefined) this.#documents.set(key, (known = new PublishedDocument(version, make())));
    return known;
  }

  #served(): ServedResource[] {
    return this.#resources
      .all()
      .flatMap(({ definition }) => definition.versions.map(({ version }) => ({ definition, version })));
  }

  /** The v3 documents that there are, each made when it is called for. */
  #byPath(): Map<string, () => PublishedDocument> {
    const all = this.#served();
    const contents = new Map<string, { served: ServedResource[]; others: Operation[] }>();
    const at = (path: string) => {
      let content = contents.get(path);
      if (content === undefined) contents.set(path, (content = { served: [], others: [] }));
      return content;
    };
    for (const each of all) at(groupVersionPath(each.definition.group, each.version)).served.push(each);
    for (const each of discoveryOperations(all)) at(each.path.replace(/\/$/, '')).others.push(each);
    const documents = new Map<string, () => object>();
    for (const [path, { served, others }] of contents) {
      documents.set(path, () => openApiDocument(served, 'v3', this.#describe, others));
    }
    // Whoever answers for a group version describes it too, or nobody does.
    for (const { path, v2, v3 } of this.#remotes()) {
      if (v3) documents.set(path, () => v3);
      else if (v2) documents.set(path, () => convertToV3(v2, path));
      else documents.delete(path);
    }
    return new Map(
      [...documents]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, make]) => [path, () => this.#cached(path, 'v3', make)]),
    );
  }

  async #respond(
    request: ApiRequest,
    document: PublishedDocument,
    version: OpenApiVersion,
    extraHeaders?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const wanted =
      document === this.#documents.get('index') ? 'json' : wantedRepresentation(request.headers.accept, version);
    // As upstream: no Status, no body.
    if (wanted === undefined) return respondBytes(request, 406, 'text/plain; charset=utf-8', Buffer.alloc(0));
    const { contentType, etag, plain, gzip } = document.as(wanted);
    const headers = { etag, vary: 'Accept, Accept-Encoding', ...extraHeaders };
    if (request.headers['if-none-match'] === etag)
      return respondBytes(request, 304, contentType, Buffer.alloc(0), headers);
    const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const encoded = zipped ? { ...headers, 'content-encoding': 'gzip' } : headers;
    await respondBytes(request, 200, contentType, zipped ? gzip : plain, encoded);
  }
}

function locationOf(path: string, document: PublishedDocument): string {
  return `/openapi/v3${path}?hash=${document.hash}`;
}

/** A client that asks for another version of a document gets the one there is. */
function redirect(request: ApiRequest, location: string): Promise<void> {
  return respondBytes(request, 301, 'text/html; charset=utf-8', Buffer.alloc(0), { location });
}
