import { JSON_TYPE, PROTOBUF, type ContentFormat } from './content.ts';

/** `;as=…` asks the server for another kind than the resource's own. */
export type Rendering = 'PartialObjectMetadata' | 'PartialObjectMetadataList';

/** What answers a client can read, best first. JSON always: custom resources have nothing else. */
export function acceptHeader(format: ContentFormat, options: { stream?: boolean; as?: Rendering } = {}): string {
  const as = options.as ? `;as=${options.as};g=meta.k8s.io;v=v1` : '';
  const json = `${JSON_TYPE}${as}`;
  if (format === 'json') return json;
  return `${PROTOBUF}${options.stream ? ';stream=watch' : ''}${as}, ${json}`;
}
