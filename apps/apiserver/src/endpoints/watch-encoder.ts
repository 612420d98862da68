import type { KubeObject, Status } from '@pilothouse/apimachinery';
import type { StoredChange, StoredEvent } from '@pilothouse/storage';
import { encodeStatus } from '../negotiation/encode-status.ts';
import type { Accepted } from '../negotiation/negotiate.ts';
import { watchFrameJson, watchFrameProtobuf } from '../negotiation/protobuf-frames.ts';
import { metaCodec } from '../printing/meta-codecs.ts';
import { partialObjectMetadata } from '../printing/partial-metadata.ts';
import { tableOf, tableOptions, type TableOptions } from '../printing/table.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';

/** Turns events into frames of one watch. */
export interface WatchEncoder {
  event(event: StoredEvent): Buffer;
  error(status: Status): Buffer;
}

export function watchEncoder(request: ApiRequest, served: ServedVersion, accepted: Accepted): WatchEncoder {
  const isProtobuf = accepted.encoding === 'protobuf';
  const frame = isProtobuf ? watchFrameProtobuf : watchFrameJson;
  const encodeChange = changeEncoder(request, served, accepted);
  return {
    event: (event) => (event.type === 'BOOKMARK' ? frame('BOOKMARK', encodeBookmark(event)) : encodeChange(event)),
    error: (status) => frame('ERROR', trimNewline(encodeStatus(status, accepted.encoding))),
  };

  function encodeBookmark({ revision, initialEventsEnd }: { revision: number; initialEventsEnd?: boolean }): Buffer {
    const bookmark = bookmarkOf(served, revision, initialEventsEnd === true);
    if (accepted.transform) {
      const kind = accepted.transform.kind;
      const object =
        kind === 'Table'
          ? tableOf(served, [], tableOptions(request, accepted.transform), bookmark.metadata ?? {})
          : partialObjectMetadata(bookmark, accepted.transform.version);
      return isProtobuf ? metaCodec(kind).encodeProtobuf(object) : Buffer.from(JSON.stringify(object));
    }
    return isProtobuf ? served.codec.encodeProtobuf(bookmark) : Buffer.from(JSON.stringify(bookmark));
  }
}

function changeEncoder(
  request: ApiRequest,
  served: ServedVersion,
  accepted: Accepted,
): (event: StoredChange) => Buffer {
  const { transform, encoding } = accepted;
  if (transform?.kind === 'Table') return tableEncoder(served, tableOptions(request, transform));
  const frame = encoding === 'protobuf' ? watchFrameProtobuf : watchFrameJson;
  if (transform) {
    const codec = metaCodec('PartialObjectMetadata');
    return ({ type, object }) =>
      object.encoding(`${type}/partial/${transform.version}/${encoding}`, () => {
        const partial = partialObjectMetadata(served.view(object), transform.version);
        return frame(type, encoding === 'protobuf' ? codec.encodeProtobuf(partial) : codec.encodeJson(partial));
      });
  }
  // The frame is made once, however many watch: it lives with the object that they all share.
  return ({ type, object }) =>
    object.encoding(`${type}/${served.apiVersion}/${encoding}`, () =>
      frame(type, encoding === 'protobuf' ? served.protobuf(object) : served.json(object)),
    );
}

function tableEncoder(served: ServedVersion, options: TableOptions): (event: StoredChange) => Buffer {
  let noHeaders = false;
  return ({ type, object }) => {
    // Ages are as of now, so a table's row cannot be shared for long.
    const table = tableOf(
      served,
      [object],
      { ...options, now: new Date(), noHeaders },
      {
        resourceVersion: object.object.metadata?.resourceVersion,
      },
    );
    noHeaders = true;
    return watchFrameJson(type, Buffer.from(JSON.stringify(table)));
  };
}

/** An object of the kind that carries nothing but a resource version. */
function bookmarkOf(served: ServedVersion, revision: number, initialEventsEnd: boolean): KubeObject {
  return {
    kind: served.definition.kind,
    apiVersion: served.apiVersion,
    metadata: {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    },
  };
}

function trimNewline(bytes: Buffer): Buffer {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}
