import { StatusError } from '@pilothouse/apimachinery';
import { MEDIA_TYPE, parseMediaType } from '../negotiation/media-types.ts';
import type { ApiRequest } from '../request.ts';
import { PATCH_MEDIA_TYPES } from './apply-patch.ts';

const OBJECT_TYPES = [MEDIA_TYPE.json, MEDIA_TYPE.yaml, MEDIA_TYPE.protobuf];
const LIST_TYPES = [...OBJECT_TYPES, `${MEDIA_TYPE.json};stream=watch`, `${MEDIA_TYPE.protobuf};stream=watch`];
const OBJECT_TYPE_SET = new Set<string>(['*/*', ...OBJECT_TYPES]);

/**
 * What upstream's router decides for built-in resources before their handlers see the request, in its own words and
 * with empty details: a patch whose type no route consumes, and an `Accept` that names no type at all that the route
 * produces. Parameters (`as=Table`) are the handler's to judge (negotiation/negotiate.ts), and for custom resources,
 * which upstream serves past its router, all of it is.
 */
export function checkRouteMediaTypes(request: ApiRequest, verb: string): void {
  if (verb === 'patch' && !PATCH_MEDIA_TYPES.has(parseMediaType(request.headers['content-type'] ?? '').type)) {
    throw refusal(415, 'UnsupportedMediaType', '415: Unsupported Media Type');
  }
  const { accept } = request.headers;
  if (accept === undefined || accept === '' || OBJECT_TYPE_SET.has(accept)) return;
  if (accept.split(',').some((clause) => OBJECT_TYPE_SET.has(clause.split(';')[0]!.trim()))) return;
  const available = verb === 'list' || verb === 'watch' ? LIST_TYPES : OBJECT_TYPES;
  const message = `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`;
  throw refusal(406, 'NotAcceptable', message);
}

function refusal(code: number, reason: string, message: string): StatusError {
  return new StatusError({ message, reason, details: {}, code });
}
