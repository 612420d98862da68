import type { KubeObject } from '@pilothouse/apimachinery';
import { respondPlain } from '../endpoints/respond-object.ts';
import type { Endpoint, Target } from '../endpoints/target.ts';
import { readWriteOptions } from '../endpoints/write-options.ts';
import { readBody } from '../http/read-body.ts';
import { trackUpdate } from '../managed-fields/field-managers.ts';
import { bodyEncoding, decodeBody } from '../negotiation/decode-body.ts';
import type { ApiRequest } from '../request.ts';

/** A review: its kind is read, answered and sent back with a status; nothing is stored. */
export function review<T extends KubeObject>(
  answer: (review: T, request: ApiRequest, target: Target) => Promise<T>,
): Endpoint {
  return async (request, target) => {
    const { resource, served } = target;
    const options = readWriteOptions(request, 'CreateOptions');
    const expected = { codec: served.codec, kind: served.definition.kind, apiVersion: served.apiVersion };
    const encoding = bodyEncoding(request.headers['content-type']);
    const warn = (text: string) => request.warnings.add(text);
    const asked = decodeBody(await readBody(request), encoding, expected, options.fieldValidation, warn);
    const tracked = await trackUpdate(resource, served, undefined, asked, {
      manager: options.fieldManager,
      now: request.receivedAt,
    });
    await respondPlain(request, 201, await answer(tracked as T, request, target), served.codec);
  };
}
