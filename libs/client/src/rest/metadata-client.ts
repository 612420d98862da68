import { formatApiVersion, type KubeList, type KubeObject, type WatchEvent } from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';
import type { ListParameters, ResourceClient, WatchParameters } from '../contract.ts';
import { acceptHeader } from './accept.ts';
import { decodeObject, type ContentFormat } from './content.ts';
import { resourcePath, withQuery } from './request-path.ts';
import { RestResourceClient } from './resource-client.ts';
import type { RestClient } from './rest-client.ts';
import { watchStream } from './watch-stream.ts';

/**
 * Reads that answer with metadata only; writes are those of the resource. See client-go's metadata package. Objects
 * carry the kind and apiVersion of the resource instead of `PartialObjectMetadata`, since that is what one wants to know.
 */
export class MetadataClient extends RestResourceClient<KubeObject> implements ResourceClient<KubeObject> {
  readonly #client: RestClient;
  readonly #ref: ResourceRef;
  readonly #format: ContentFormat;

  constructor(client: RestClient, ref: ResourceRef, format: ContentFormat) {
    super(client, ref, format);
    this.#client = client;
    this.#ref = ref;
    this.#format = format;
  }

  override async get(
    name: string,
    options: { namespace?: string; resourceVersion?: string; signal?: AbortSignal } = {},
  ) {
    const { namespace, resourceVersion, signal } = options;
    const path = withQuery(resourcePath(this.#ref, { namespace, name }), { resourceVersion });
    return this.#typed(await this.#read(path, 'PartialObjectMetadata', name, signal));
  }

  override async list(options: ListParameters = {}): Promise<KubeList> {
    const { namespace, signal, ...query } = options;
    const path = withQuery(resourcePath(this.#ref, { namespace }), query);
    const list = (await this.#read(path, 'PartialObjectMetadataList', undefined, signal)) as KubeList;
    return { ...list, items: (list.items ?? []).map((item) => this.#typed(item)) };
  }

  override async *watch(options: WatchParameters): AsyncGenerator<WatchEvent<KubeObject>, void, undefined> {
    const { namespace, signal, sendInitialEvents, onUndecodable, ...rest } = options;
    const initial = sendInitialEvents ? { sendInitialEvents, resourceVersionMatch: 'NotOlderThan' } : {};
    const path = withQuery(resourcePath(this.#ref, { namespace }), { watch: true, ...rest, ...initial });
    const accept = acceptHeader(this.#format, { stream: true, as: 'PartialObjectMetadata' });
    const asked = { method: 'GET', group: this.#ref.group, resource: this.#ref.resource };
    const request = { method: 'GET', path, accept, signal };
    for await (const { type, object } of watchStream(this.#client, request, asked, onUndecodable)) {
      yield { type, object: this.#typed(object) };
    }
  }

  async #read(
    path: string,
    as: 'PartialObjectMetadata' | 'PartialObjectMetadataList',
    name?: string,
    signal?: AbortSignal,
  ) {
    const asked = { method: 'GET', group: this.#ref.group, resource: this.#ref.resource, name };
    const accept = acceptHeader(this.#format, { as });
    const { body, isProtobuf } = await this.#client.send({ method: 'GET', path, accept, signal }, asked);
    return decodeObject(body, isProtobuf);
  }

  #typed({ metadata }: KubeObject): KubeObject {
    return { kind: this.#ref.kind, apiVersion: formatApiVersion(this.#ref), metadata };
  }
}
