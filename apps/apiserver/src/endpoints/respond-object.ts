import { StatusError, type KubeObject, type ObjectCodec, type PrinterColumn } from '@pilothouse/apimachinery';
import type { StoredObject } from '@pilothouse/storage';
import { respondBytes } from '../http/respond.ts';
import { internalType } from '../negotiation/internal-type.ts';
import { MEDIA_TYPE } from '../negotiation/media-types.ts';
import {
  negotiate,
  OBJECT_OFFER,
  offerFor,
  PLAIN_OFFER,
  wantsPretty,
  type Accepted,
} from '../negotiation/negotiate.ts';
import { encodeJsonText, encodeYaml, jsonAnswer } from '../negotiation/text-encodings.ts';
import { partialObjectMetadata } from '../printing/partial-metadata.ts';
import { tableOf, tableOfObject, tableOptions } from '../printing/table.ts';
import { metaCodec } from '../printing/meta-codecs.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';

/** What the client wants; throws 406 before any work is done. */
export function acceptObject(request: ApiRequest, served: ServedVersion): Accepted {
  return negotiate(request.headers.accept, offerFor(served, OBJECT_OFFER));
}

/** Answers with one stored object, or what the client wants to see of it. */
export async function respondObject(
  request: ApiRequest,
  code: number,
  served: ServedVersion,
  stored: StoredObject,
  accepted: Accepted,
): Promise<void> {
  const { encoding, transform } = accepted;
  await served.prepare([stored]);
  if (transform?.kind === 'Table') {
    const table = tableOf(served, [stored], tableOptions(request, transform), {
      resourceVersion: stored.object.metadata?.resourceVersion,
    });
    return respondText(request, code, table, accepted);
  }
  if (transform?.kind === 'PartialObjectMetadataList') throw notOfMany(served);
  if (transform) {
    const partial = partialObjectMetadata(served.view(stored), transform.version);
    return respondPlain(request, code, partial, metaCodec('PartialObjectMetadata'), accepted);
  }
  if (encoding === 'protobuf') return respondBytes(request, code, MEDIA_TYPE.protobuf, served.protobuf(stored));
  if (encoding === 'yaml') return respondBytes(request, code, MEDIA_TYPE.yaml, encodeYaml(served.view(stored)));
  const pretty = isPretty(request, accepted);
  return respondBytes(request, code, MEDIA_TYPE.json, jsonAnswer(served.json(stored), pretty));
}

/** Answers with a subresource of a kind of its own, or with its table or its metadata. */
export async function respondSubresource(
  request: ApiRequest,
  code: number,
  object: KubeObject,
  codec: ObjectCodec,
  columns: readonly PrinterColumn[],
): Promise<void> {
  const accepted = negotiate(request.headers.accept, OBJECT_OFFER);
  const { transform } = accepted;
  if (transform?.kind === 'Table')
    return respondText(request, code, tableOfObject(columns, object, tableOptions(request, transform)), accepted);
  if (!transform) return respondPlain(request, code, object, codec, accepted);
  const partial = partialObjectMetadata(object, transform.version);
  return respondPlain(request, code, partial, metaCodec('PartialObjectMetadata'), accepted);
}

/** Answers with what has no Protobuf form. */
export async function respondText(request: ApiRequest, code: number, value: object, accepted: Accepted): Promise<void> {
  const { encoding } = accepted;
  if (encoding === 'yaml') return respondBytes(request, code, MEDIA_TYPE.yaml, encodeYaml(value));
  const pretty = isPretty(request, accepted);
  return respondBytes(request, code, MEDIA_TYPE.json, encodeJsonText(value, pretty));
}

/** Answers with an object of some other kind: a TokenRequest, a discovery document. */
export async function respondPlain(
  request: ApiRequest,
  code: number,
  object: KubeObject,
  codec: ObjectCodec,
  accepted: Accepted = negotiate(request.headers.accept, PLAIN_OFFER),
): Promise<void> {
  const { encoding } = accepted;
  if (encoding === 'protobuf') return respondBytes(request, code, MEDIA_TYPE.protobuf, codec.encodeProtobuf(object));
  if (encoding === 'yaml') return respondBytes(request, code, MEDIA_TYPE.yaml, encodeYaml(object));
  const pretty = isPretty(request, accepted);
  return respondBytes(request, code, MEDIA_TYPE.json, jsonAnswer(codec.encodeJson(object), pretty));
}

/** Whether JSON is indented for the client. */
export function isPretty({ query, headers }: ApiRequest, accepted: Accepted): boolean {
  return accepted.pretty === true || wantsPretty(query, headers['user-agent']);
}

/** What was asked for exists, but not of this. */
export function transformRefused(message: string): StatusError {
  return new StatusError({ message, reason: 'NotAcceptable', code: 406 });
}

/** Upstream names its Go type. */
function notOfMany({ definition, version }: ServedVersion): StatusError {
  const type = version.schema.wire ? internalType(definition.group, definition.kind) : 'unstructured.Unstructured';
  const why = `but the requested object is not a list (*${type})`;
  return transformRefused(`you requested PartialObjectMetadataList, ${why}`);
}
