import { type ListMeta } from '@pilothouse/apimachinery';
import type { ListResult } from '@pilothouse/storage';
import { respondBytes } from '../http/respond.ts';
import { encodeListJson, encodeListProtobuf } from '../negotiation/encode-list.ts';
import { internalType } from '../negotiation/internal-type.ts';
import { MEDIA_TYPE } from '../negotiation/media-types.ts';
import type { Accepted } from '../negotiation/negotiate.ts';
import { encodeJsonText, encodeYaml } from '../negotiation/text-encodings.ts';
import { metaCodec } from '../printing/meta-codecs.ts';
import { partialObjectMetadata } from '../printing/partial-metadata.ts';
import { tableOf, tableOptions } from '../printing/table.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';
import { readListParameters } from './list-options.ts';
import { listSelected } from './list-selected.ts';
import { acceptObject, isPretty, respondPlain, respondText, transformRefused } from './respond-object.ts';
import { readSelection } from './selection.ts';
import type { Endpoint } from './target.ts';

/** Items come from memory and their bytes were made when they were first shown: a list is a concatenation. */
export const list: Endpoint = async (request, { resource, served, key }) => {
  const accepted = acceptObject(request, served);
  const parameters = readListParameters(request.query);
  const selection = readSelection(served, request.query);
  const result = await listSelected(resource, served, selection, {
    namespace: key.namespace,
    resourceVersion: parameters.resourceVersion,
    limit: parameters.limit,
    ...(parameters.resourceVersionMatch ? { resourceVersionMatch: parameters.resourceVersionMatch } : {}),
    ...(parameters.continue ? { continue: parameters.continue } : {}),
  });
  await respondList(request, served, result, accepted);
};

export async function respondList(
  request: ApiRequest,
  served: ServedVersion,
  result: ListResult,
  accepted: Accepted,
): Promise<void> {
  await served.prepare(result.items);
  const metadata = listMeta(result);
  const { encoding, transform } = accepted;
  if (transform?.kind === 'Table') {
    const table = tableOf(served, result.items, tableOptions(request, transform), metadata);
    return respondText(request, 200, table, accepted);
  }
  if (transform?.kind === 'PartialObjectMetadata') throw notOfOne(served);
  if (transform) {
    const partials = {
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${transform.version}`,
      metadata,
      items: result.items.map((stored) => partialObjectMetadata(served.view(stored), transform.version)),
    };
    return respondPlain(request, 200, partials, metaCodec('PartialObjectMetadataList'), accepted);
  }
  if (encoding === 'protobuf') {
    return respondBytes(request, 200, MEDIA_TYPE.protobuf, encodeListProtobuf(served, metadata, result.items));
  }
  const json = encodeListJson(served, metadata, result.items);
  if (encoding === 'json' && !isPretty(request, accepted)) {
    return respondBytes(request, 200, MEDIA_TYPE.json, json);
  }
  const whole: unknown = JSON.parse(Buffer.concat(json).toString());
  const body = encoding === 'yaml' ? encodeYaml(whole) : encodeJsonText(whole, true);
  return respondBytes(request, 200, MEDIA_TYPE[encoding], body);
}

function listMeta(result: ListResult): ListMeta {
  return {
    resourceVersion: result.resourceVersion,
    ...(result.continue ? { continue: result.continue } : {}),
    ...(result.remainingItemCount ? { remainingItemCount: result.remainingItemCount } : {}),
  };
}

/** Upstream names its Go type. */
function notOfOne({ definition, version }: ServedVersion) {
  const { group, listKind } = definition;
  const type = version.schema.wire ? internalType(group, listKind) : 'unstructured.UnstructuredList';
  return transformRefused(`you requested PartialObjectMetadata, but the requested object is a list (*${type})`);
}
