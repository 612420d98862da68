import { createHash } from 'node:crypto';
import { pathNotFound, type KubeObject } from '@pilothouse/apimachinery';
import { methodNotAllowed } from '../endpoints/method-not-allowed.ts';
import { PageNotFound } from '../http/page-not-found.ts';
import { respondBytes } from '../http/respond.ts';
import { codecFor, metaCodec } from '../printing/meta-codecs.ts';
import { parseAccept } from '../negotiation/media-types.ts';
import { respondPlain } from '../endpoints/respond-object.ts';
import type { Resources } from '../registry/resources.ts';
import type { ApiRequest } from '../request.ts';
import { aggregatedDiscovery } from './aggregated.ts';
import { apiGroupDocument, apiGroupListDocument, apiResourceListDocument, apiVersionsDocument } from './documents.ts';
import { mergeGroups, servedGroups, type ServedGroup } from './groups.ts';

type AggregatedVersion = 'v2' | 'v2beta1';

/** `/api`, `/apis` and what stands right below them. Made anew only when what is served has changed. */
export class Discovery {
  readonly #resources: Resources;
  readonly #serverAddress: () => string;
  readonly #remoteGroups: () => readonly ServedGroup[];
  #groups: ServedGroup[] | undefined;
  readonly #aggregated = new Map<string, { body: KubeObject; etag: string }>();

  constructor(resources: Resources, serverAddress: () => string, remoteGroups: () => readonly ServedGroup[]) {
    this.#resources = resources;
    this.#serverAddress = serverAddress;
    this.#remoteGroups = remoteGroups;
    resources.onChange(() => this.changed());
  }

  /** What was made from the groups before is out of date. */
  changed(): void {
    this.#groups = undefined;
    this.#aggregated.clear();
  }

  /** What this server serves itself. */
  get ownGroups(): readonly ServedGroup[] {
    return servedGroups(this.#resources);
  }

  get groups(): readonly ServedGroup[] {
    return (this.#groups ??= mergeGroups(this.ownGroups, this.#remoteGroups()));
  }

  /** Answers discovery requests; throws 404 for a group or version that is not served. */
  async serve(request: ApiRequest, segments: readonly string[]): Promise<void> {
    const [prefix, first, second] = segments;
    if (segments.length === 1 && request.method === 'GET') {
      const wanted = aggregatedVersion(request.headers.accept);
      if (wanted) return this.#respondAggregated(request, prefix === 'api', wanted);
    }
    const document = this.#document(prefix, first, second);
    if (request.method !== 'GET') throw methodNotAllowed();
    await respondPlain(request, 200, ...document);
  }

  #document(
    prefix: string | undefined,
    first: string | undefined,
    second: string | undefined,
  ): [KubeObject, ReturnType<typeof metaCodec>] {
    const core = this.groups.find(({ name }) => name === '');
    if (prefix === 'api') {
      if (first === undefined) return [apiVersionsDocument(core, this.#serverAddress()), metaCodec('APIVersions')];
      return this.#resourceList(core, first);
    }
    if (first === undefined) return [apiGroupListDocument(this.groups), metaCodec('APIGroupList')];
    const group = this.groups.find(({ name }) => name === first && name !== '');
    if (group === undefined) throw new PageNotFound();
    if (second === undefined) return [apiGroupDocument(group), metaCodec('APIGroup')];
    return this.#resourceList(group, second);
  }

  #resourceList(group: ServedGroup | undefined, version: string): [KubeObject, ReturnType<typeof metaCodec>] {
    const document = group && apiResourceListDocument(group, version);
    if (document === undefined) {
      throw this.#resources.servesBuiltIn(group?.name ?? '') ? pathNotFound() : new PageNotFound();
    }
    return [document, metaCodec('APIResourceList')];
  }

  async #respondAggregated(request: ApiRequest, core: boolean, { version, encoding }: AggregatedAccept): Promise<void> {
    const key = `${core ? 'api' : 'apis'}/${version}`;
    let document = this.#aggregated.get(key);
    if (document === undefined) {
      const groups = this.groups.filter(({ name }) => (name === '') === core);
      const body = aggregatedDiscovery(groups, version);
      const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('hex').toUpperCase()}"`;
      this.#aggregated.set(key, (document = { body, etag }));
    }
    const headers = { etag: document.etag, vary: 'Accept' };
    const contentType = `application/${encoding === 'protobuf' ? 'vnd.kubernetes.protobuf' : 'json'};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    // Clients keep the headers of a 304 with the body they have, so its type must be right.
    if (request.headers['if-none-match'] === document.etag) {
      return respondBytes(request, 304, contentType, Buffer.alloc(0), headers);
    }
    const body =
      encoding === 'protobuf'
        ? codecFor('apidiscovery.k8s.io', version, 'APIGroupDiscoveryList').encodeProtobuf(document.body)
        : Buffer.from(`${JSON.stringify(document.body)}\n`);
    await respondBytes(request, 200, contentType, body, headers);
  }
}

interface AggregatedAccept {
  readonly version: AggregatedVersion;
  readonly encoding: 'json' | 'protobuf';
}

/** Whether the client's first wish that can be fulfilled is the aggregated form. */
function aggregatedVersion(accept: string | undefined): AggregatedAccept | undefined {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    const encoding = ENCODINGS[type];
    if (encoding === undefined) continue;
    if (parameters.get('as') === undefined) return undefined;
    const version = parameters.get('v');
    const isAggregated =
      parameters.get('as') === 'APIGroupDiscoveryList' && parameters.get('g') === 'apidiscovery.k8s.io';
    if (isAggregated && (version === 'v2' || version === 'v2beta1')) return { version, encoding };
  }
  return undefined;
}

const ENCODINGS: Readonly<Record<string, 'json' | 'protobuf'>> = {
  'application/json': 'json',
  'application/vnd.kubernetes.protobuf': 'protobuf',
};
