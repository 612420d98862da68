import {
  badRequest,
  JsonDecodeError,
  parseApiVersion,
  parseJson,
  StatusError,
  unsupportedMediaType,
  type KubeObject,
  type ObjectCodec,
} from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import { bodyText } from '../http/read-body.ts';
import type { FieldValidation } from '../endpoints/write-options.ts';
import { ENCODING_OF_MEDIA_TYPE, MEDIA_TYPE, parseMediaType, type Encoding } from './media-types.ts';
import { yamlToJson } from './yaml-to-json.ts';

export interface Expected {
  readonly codec: ObjectCodec;
  readonly kind: string;
  readonly apiVersion: string;
}

/** A body's encoding by its `Content-Type`; JSON when it says nothing. Throws 415. */
export function bodyEncoding(
  contentType: string | undefined,
  accepted: readonly Encoding[] = ['json', 'yaml', 'protobuf'],
): Encoding {
  if (contentType === undefined || contentType === '') return 'json';
  const encoding = ENCODING_OF_MEDIA_TYPE.get(parseMediaType(contentType).type);
  if (encoding === undefined || !accepted.includes(encoding)) {
    throw unsupportedMediaType(accepted.map((each) => MEDIA_TYPE[each]));
  }
  return encoding;
}

/**
 * A request body → the object that the path expects, in normal form, without defaults. Kind and apiVersion may be left
 * out, but not be wrong. Throws 400 with upstream's words; what strict decoding complains of goes where
 * `fieldValidation` says.
 */
export function decodeBody(
  body: Buffer,
  encoding: Encoding,
  expected: Expected,
  fieldValidation: FieldValidation,
  warn: (text: string) => void,
): KubeObject {
  if (encoding === 'protobuf') return checkedType(expected.codec.decodeProtobuf(body), expected);
  const text = bodyText(body);
  const yaml = encoding === 'yaml' ? yamlToJson(text, expected.kind) : undefined;
  const { object, strictErrors } = decodeText(yaml?.json ?? text, expected);
  const checked = checkedType(object, expected);
  reportStrictErrors([...(yaml?.strictErrors ?? []), ...strictErrors], expected, fieldValidation, warn);
  return checked;
}

function decodeText(text: string, expected: Expected) {
  try {
    return expected.codec.decodeJson(text);
  } catch (error) {
    if (error instanceof JsonDecodeError) throw describeFailure(text, error, expected);
    throw error;
  }
}

export function reportStrictErrors(
  errors: readonly string[],
  expected: Pick<Expected, 'kind' | 'apiVersion'>,
  fieldValidation: FieldValidation,
  warn: (text: string) => void,
): void {
  if (errors.length === 0 || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Strict')
    throw cannotBeHandled(expected, expected, `strict decoding error: ${errors.join(', ')}`);
  warnAbout(errors, warn);
}

/** One warning a line; the line that only says that YAML errors follow is none. */
export function warnAbout(errors: readonly string[], warn: (text: string) => void): void {
  for (const line of errors.flatMap((error) => error.split('\n'))) {
    if (!line.endsWith('yaml: unmarshal errors:')) warn(line.trim());
  }
}

interface TypeMeta {
  readonly kind: string;
  readonly apiVersion: string;
}

function cannotBeHandled(given: TypeMeta, expected: TypeMeta, why: string): StatusError {
  const { version } = parseApiVersion(given.apiVersion);
  return badRequest(`${given.kind} in version "${version}" cannot be handled as a ${expected.kind}: ${why}`);
}

/** Tells text that is no JSON at all from JSON that is another kind, and from JSON of the kind with a wrong value in it. */
function describeFailure(text: string, error: JsonDecodeError, expected: Expected): StatusError {
  let value: unknown;
  try {
    ({ value } = parseJson(text));
  } catch (syntax) {
    const why = `couldn't get version/kind; json parse error: ${(syntax as Error).message}`;
    return badRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summarize(text)})`,
    );
  }
  if (typeof value === 'object' && value !== null) {
    try {
      checkedType(value as KubeObject, expected);
    } catch (wrongKind) {
      if (wrongKind instanceof StatusError) return wrongKind;
    }
  }
  return cannotBeHandled(expected, expected, error.message);
}

const SUMMARY_BYTES = 30;

function summarize(text: string): string {
  if (text === '') return '<empty>';
  const bytes = Buffer.from(text);
  const head = bytes.subarray(0, SUMMARY_BYTES);
  const shown = text.startsWith('{') ? head.toString() : head.toString('hex');
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}

/** With kind and apiVersion filled in from the path. */
function checkedType(object: KubeObject, expected: Expected): KubeObject {
  const kind = object.kind || expected.kind;
  const apiVersion = object.apiVersion || expected.apiVersion;
  if (kind === expected.kind && apiVersion === expected.apiVersion) {
    return object.kind && object.apiVersion ? object : { ...object, kind, apiVersion };
  }
  const given = { kind, apiVersion };
  const { group, version } = parseApiVersion(apiVersion);
  if (schemaFor(group, version, kind) === undefined) {
    throw cannotBeHandled(given, expected, `no kind "${kind}" is registered for version "${apiVersion}"`);
  }
  if (apiVersion !== expected.apiVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`,
    );
  }
  throw cannotBeHandled(
    given,
    expected,
    `converting (${version}.${kind}) to (${version}.${expected.kind}): unknown conversion`,
  );
}
