import {
  decodeJsonValue,
  storedVersion,
  type KubeObject,
  type ObjectCodec,
  type Status,
} from '@pilothouse/apimachinery';
import type { StoredChange, StoredEvent } from '@pilothouse/storage';
import { encodeStatus } from '../negotiation/encode-status.ts';
import type { Accepted } from '../negotiation/negotiate.ts';
import { watchFrameJson, watchFrameProtobuf } from '../negotiation/protobuf-frames.ts';
import { metaCodec } from '../printing/meta-codecs.ts';
import { partialObjectMetadata } from '../printing/partial-metadata.ts';
import { tableOf, tableOfObject, tableOptions, type TableOptions } from '../printing/table.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';

type StoredBookmark = Extract<StoredEvent, { type: 'BOOKMARK' }>;

/** Turns events into frames of one watch. */
export interface WatchEncoder {
  event(event: StoredEvent): Buffer;
  error(status: Status): Buffer;
}

export function watchEncoder(request: ApiRequest, served: ServedVersion, accepted: Accepted): WatchEncoder {
  const isProtobuf = accepted.encoding === 'protobuf';
  const frame = isProtobuf ? watchFrameProtobuf : watchFrameJson;
  const { encodeChange, encodeBookmark } = objectEncoder(request, served, accepted);
  return {
    event: (event) =>
      event.type === 'BOOKMARK' ? frame('BOOKMARK', encodeBookmark(bookmarkOf(served, event))) : encodeChange(event),
    error: (status) => frame('ERROR', trimNewline(encodeStatus(status, accepted.encoding))),
  };
}

interface ObjectEncoder {
  /** The whole frame. */
  encodeChange(event: StoredChange): Buffer;
  /** The object alone. */
  encodeBookmark(bookmark: KubeObject): Buffer;
}

function objectEncoder(request: ApiRequest, served: ServedVersion, accepted: Accepted): ObjectEncoder {
  const { transform, encoding } = accepted;
  if (transform?.kind === 'Table') return tableEncoder(served, tableOptions(request, transform));
  const isProtobuf = encoding === 'protobuf';
  const frame = isProtobuf ? watchFrameProtobuf : watchFrameJson;
  const encode = (codec: ObjectCodec, object: KubeObject) =>
    isProtobuf ? codec.encodeProtobuf(object) : codec.encodeJson(object);
  if (transform?.kind === 'PartialObjectMetadata') {
    const codec = metaCodec('PartialObjectMetadata');
    const partial = (object: KubeObject) => encode(codec, partialObjectMetadata(object, transform.version));
    return {
      encodeChange: ({ type, object }) =>
        object.encoding(`${type}/partial/${transform.version}/${encoding}`, () =>
          frame(type, partial(served.view(object))),
        ),
      encodeBookmark: partial,
    };
  }
  return {
    // The frame is made once, however many watch: it lives with the object that they all share.
    encodeChange: ({ type, object }) =>
      object.encoding(`${type}/${served.apiVersion}/${encoding}`, () =>
        frame(type, isProtobuf ? served.protobuf(object) : served.json(object)),
      ),
    encodeBookmark: (bookmark) => encode(served.codec, bookmark),
  };
}

/** A table for each event, with one row; the columns are told once. */
function tableEncoder(served: ServedVersion, options: TableOptions): ObjectEncoder {
  let noHeaders = false;
  // Ages are as of now, so a table's row cannot be shared for long.
  const next = (make: (options: TableOptions) => object): Buffer => {
    const table = make({ ...options, now: new Date(), noHeaders });
    noHeaders = true;
    return Buffer.from(JSON.stringify(table));
  };
  return {
    encodeChange({ type, object }) {
      const { resourceVersion } = object.object.metadata ?? {};
      return watchFrameJson(
        type,
        next((now) => tableOf(served, [object], now, { resourceVersion })),
      );
    },
    encodeBookmark({ metadata }) {
      // A built-in kind's columns are written against the storage version, a CRD's against the version that has them.
      const { schema } = served.version.schema.structural ? served.version : storedVersion(served.definition);
      const shown = decodeJsonValue(schema, { metadata }).object;
      return next((now) => tableOfObject(served.version.columns, shown, now));
    },
  };
}

/** An object of the kind that carries nothing but a resource version: as Go prints one, with its zero values. */
function bookmarkOf(served: ServedVersion, { revision, initialEventsEnd }: StoredBookmark): KubeObject {
  const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return decodeJsonValue(served.version.schema, {
    kind: served.definition.kind,
    apiVersion: served.apiVersion,
    metadata: { resourceVersion: String(revision), ...annotations },
  }).object;
}

function trimNewline(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}
