import { badRequest, isJsonObject, JsonDecodeError, parseJson, type KubeObject } from '@pilothouse/apimachinery';
import { bodyText, readBody } from '../http/read-body.ts';
import { bodyEncoding } from '../negotiation/decode-body.ts';
import { YamlError, yamlToJson } from '../negotiation/yaml-to-json.ts';
import { metaCodec } from '../printing/meta-codecs.ts';
import { validateDeleteOptions, type DeleteOptions } from '../registry/deletion.ts';
import type { ApiRequest } from '../request.ts';
import { booleanValue, integerValue } from './query-values.ts';

const KIND = 'DeleteOptions';

/** DeleteOptions from the body, or from the query when there is no body. Throws 400 and 422. */
export async function readDeleteOptions(request: ApiRequest): Promise<DeleteOptions> {
  const body = await readBody(request);
  const options = body.length > 0 ? optionsFromBody(request, body) : optionsFromQuery(request.query);
  validateDeleteOptions(options);
  return options;
}

function optionsFromBody(request: ApiRequest, body: Buffer): DeleteOptions {
  const encoding = bodyEncoding(request.headers['content-type']);
  if (encoding === 'protobuf') return ofItsKind(metaCodec(KIND).decodeProtobuf(body));
  const text = bodyText(body);
  return optionsFromJson(encoding === 'yaml' ? readYaml(text) : text);
}

function optionsFromJson(text: string): DeleteOptions {
  const value = readJson(text, "couldn't get version/kind; json parse error: ");
  // What is of another kind is refused for that, whatever its fields hold.
  if (isJsonObject(value)) ofItsKind(value as KubeObject);
  try {
    return metaCodec(KIND).decodeJson(text).object as DeleteOptions;
  } catch (error) {
    throw error instanceof JsonDecodeError ? badRequest(error.message) : error;
  }
}

function readYaml(text: string): string {
  try {
    return yamlToJson(text).json;
  } catch (error) {
    throw error instanceof YamlError ? badRequest(error.message) : error;
  }
}

function readJson(text: string, context: string): unknown {
  try {
    return parseJson(text).value;
  } catch (error) {
    throw error instanceof JsonDecodeError ? badRequest(`${context}${error.message}`) : error;
  }
}

/** The options may name any group version that has them; the kind is what counts. */
function ofItsKind(options: KubeObject): DeleteOptions {
  const { kind = KIND, apiVersion = 'v1' } = options;
  if (kind === KIND || kind === '') return options as DeleteOptions;
  const scheme = 'pkg/apis/meta/internalversion/scheme/register.go:27';
  throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}" in scheme "${scheme}"`);
}

function optionsFromQuery(query: URLSearchParams): DeleteOptions {
  const options: DeleteOptions = {};
  const gracePeriodSeconds = integerValue(query, 'gracePeriodSeconds');
  if (gracePeriodSeconds !== undefined) options.gracePeriodSeconds = gracePeriodSeconds;
  const orphanDependents = booleanValue(query, 'orphanDependents');
  if (orphanDependents !== undefined) options.orphanDependents = orphanDependents;
  const policy = query.get('propagationPolicy');
  if (policy !== null) options.propagationPolicy = policy;
  const dryRun = query.getAll('dryRun');
  if (dryRun.length > 0) options.dryRun = dryRun;
  return options;
}
