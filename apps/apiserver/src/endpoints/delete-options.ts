import { badRequest } from '@pilothouse/apimachinery';
import { readBody } from '../http/read-body.ts';
import { bodyEncoding, decodeBody } from '../negotiation/decode-body.ts';
import { metaCodec } from '../printing/meta-codecs.ts';
import { validateDeleteOptions, type DeleteOptions } from '../registry/deletion.ts';
import { isTrue } from '../request-info.ts';
import type { ApiRequest } from '../request.ts';

/** DeleteOptions from the body, or from the query when there is no body. Throws 400 and 422. */
export async function readDeleteOptions(request: ApiRequest): Promise<DeleteOptions> {
  const body = await readBody(request);
  const options = body.length > 0 ? optionsFromBody(request, body) : optionsFromQuery(request.query);
  validateDeleteOptions(options);
  return options;
}

function optionsFromBody(request: ApiRequest, body: Buffer): DeleteOptions {
  const encoding = bodyEncoding(request.headers['content-type']);
  const codec = metaCodec('DeleteOptions');
  // The options may name any group version that has them; the kind is what counts.
  const given = encoding === 'protobuf' ? codec.decodeProtobuf(body) : undefined;
  if (given) {
    if (given.kind !== 'DeleteOptions') throw badRequest(`decoded object cannot be converted to DeleteOptions`);
    return given as DeleteOptions;
  }
  const apiVersion = /"apiVersion"\s*:\s*"([^"]+)"/.exec(body.toString('utf8', 0, 4096))?.[1] ?? 'v1';
  const expected = { codec, kind: 'DeleteOptions', apiVersion };
  return decodeBody(body, encoding, expected, 'Ignore', () => {}) as DeleteOptions;
}

function optionsFromQuery(query: URLSearchParams): DeleteOptions {
  const options: DeleteOptions = {};
  const grace = query.get('gracePeriodSeconds');
  if (grace) {
    options.gracePeriodSeconds = Number(grace);
    if (!Number.isInteger(options.gracePeriodSeconds)) {
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
    }
  }
  if (query.get('orphanDependents')) options.orphanDependents = isTrue(query.get('orphanDependents'));
  const policy = query.get('propagationPolicy');
  if (policy) options.propagationPolicy = policy;
  const dryRun = query.getAll('dryRun').filter((each) => each !== '');
  if (dryRun.length > 0) options.dryRun = dryRun;
  return options;
}
