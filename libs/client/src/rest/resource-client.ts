import { formatApiVersion, type KubeList, type KubeObject, type WatchEvent } from '@pilothouse/apimachinery';
import type { ResourceRef } from '@pilothouse/api';
import type {
  DeleteParameters,
  ListParameters,
  Patch,
  ResourceClient,
  WatchParameters,
  WriteParameters,
} from '../contract.ts';
import { acceptHeader } from './accept.ts';
import { decodeObject, encodeObject, JSON_TYPE, type ContentFormat } from './content.ts';
import { resourcePath, withQuery, type QueryValue } from './request-path.ts';
import type { Asked } from './response-error.ts';
import type { RestClient } from './rest-client.ts';
import { watchStream } from './watch-stream.ts';

const PATCH_TYPES: Readonly<Record<Patch['type'], string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Where an object is, for a request. */
interface Target {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

export class RestResourceClient<T extends KubeObject> implements ResourceClient<T> {
  readonly #client: RestClient;
  readonly #ref: ResourceRef<T>;
  readonly #format: ContentFormat;
  readonly #typeMeta: { readonly kind: string; readonly apiVersion: string };

  constructor(client: RestClient, ref: ResourceRef<T>, format: ContentFormat) {
    this.#client = client;
    this.#ref = ref;
    this.#format = format;
    this.#typeMeta = { kind: ref.kind, apiVersion: formatApiVersion(ref) };
  }

  get(name: string, options: { namespace?: string; resourceVersion?: string; signal?: AbortSignal } = {}): Promise<T> {
    const { namespace, resourceVersion, signal } = options;
    return this.#send('GET', { namespace, name }, { query: { resourceVersion }, signal }) as Promise<T>;
  }

  async list(options: ListParameters = {}): Promise<KubeList<T>> {
    const { namespace, signal, ...query } = options;
    const list = (await this.#send('GET', { namespace }, { query, signal })) as KubeList<T>;
    return { ...list, items: (list.items ?? []).map((item) => this.#typed(item)) };
  }

  watch(options: WatchParameters): AsyncIterable<WatchEvent<T>> {
    const { namespace, signal, sendInitialEvents, onUndecodable, ...rest } = options;
    // Upstream takes initial events only together with a match, and this is the only match it takes.
    const initial = sendInitialEvents ? { sendInitialEvents, resourceVersionMatch: 'NotOlderThan' } : {};
    const path = withQuery(resourcePath(this.#ref, { namespace }), { watch: true, ...rest, ...initial });
    const accept = acceptHeader(this.#format, { stream: true });
    return watchStream<T>(this.#client, { method: 'GET', path, accept, signal }, this.#asked('GET'), onUndecodable);
  }

  create(object: T, options: WriteParameters = {}): Promise<T> {
    const namespace = options.namespace ?? object.metadata?.namespace;
    return this.#write('POST', { namespace }, object, options);
  }

  update(object: T, options: WriteParameters & { subresource?: string } = {}): Promise<T> {
    const namespace = options.namespace ?? object.metadata?.namespace;
    return this.#write(
      'PUT',
      { namespace, name: object.metadata?.name, subresource: options.subresource },
      object,
      options,
    );
  }

  patch(
    name: string,
    patch: Patch,
    options: WriteParameters & { namespace?: string; subresource?: string; force?: boolean } = {},
  ): Promise<T> {
    const { namespace, subresource, signal, force } = options;
    return this.#send(
      'PATCH',
      { namespace, name, subresource },
      {
        query: { ...writeQuery(options), force },
        contentType: PATCH_TYPES[patch.type],
        body: Buffer.from(JSON.stringify(patch.body)),
        signal,
      },
    ) as Promise<T>;
  }

  async delete(name: string, options: DeleteParameters & { namespace?: string } = {}): Promise<void> {
    const { namespace, signal, dryRun } = options;
    await this.#send('DELETE', { namespace, name }, { query: writeQuery({ dryRun }), ...deleteBody(options), signal });
  }

  async deleteCollection(options: ListParameters & DeleteParameters = {}): Promise<void> {
    const { namespace, signal, dryRun, gracePeriodSeconds, propagationPolicy, preconditions, ...list } = options;
    const body = deleteBody({ gracePeriodSeconds, propagationPolicy, preconditions });
    await this.#send('DELETE', { namespace }, { query: { ...list, ...writeQuery({ dryRun }) }, ...body, signal });
  }

  createSubresource<B extends KubeObject>(
    name: string,
    subresource: string,
    body: B,
    options: { namespace?: string; signal?: AbortSignal } = {},
  ): Promise<KubeObject> {
    const { namespace, signal } = options;
    const encoded = encodeObject(body, this.#format);
    return this.#send('POST', { namespace, name, subresource }, { ...encoded, signal });
  }

  #write(method: string, target: Target, object: T, options: WriteParameters): Promise<T> {
    const encoded = encodeObject({ ...this.#typeMeta, ...object }, this.#format);
    return this.#send(method, target, { query: writeQuery(options), ...encoded, signal: options.signal }) as Promise<T>;
  }

  async #send(
    method: string,
    target: Target,
    request: { query?: Record<string, QueryValue>; contentType?: string; body?: Uint8Array; signal?: AbortSignal },
  ): Promise<KubeObject> {
    const { query = {}, ...rest } = request;
    const path = withQuery(resourcePath(this.#ref, target), query);
    const accept = acceptHeader(this.#format);
    const { body, isProtobuf } = await this.#client.send(
      { method, path, accept, ...rest },
      this.#asked(method, target.name),
    );
    return decodeObject(body, isProtobuf);
  }

  #asked(method: string, name?: string): Asked {
    const { group, resource } = this.#ref;
    return { method, group, resource, ...(name ? { name } : {}) };
  }

  /** Items of a list come without kind and apiVersion in Protobuf, and from a Go server in JSON too. */
  #typed(item: T): T {
    return item.kind ? item : { ...this.#typeMeta, ...item };
  }
}

function writeQuery({ dryRun, fieldManager }: WriteParameters): Record<string, QueryValue> {
  return { dryRun: dryRun ? 'All' : undefined, fieldManager };
}

/** Options travel as a body, as client-go sends them; without any, there is none. */
function deleteBody({ gracePeriodSeconds, propagationPolicy, preconditions }: DeleteParameters) {
  if (gracePeriodSeconds === undefined && propagationPolicy === undefined && preconditions === undefined) return {};
  const options = { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds, propagationPolicy, preconditions };
  return { contentType: JSON_TYPE, body: Buffer.from(JSON.stringify(options)) };
}
