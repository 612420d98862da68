import {
  badRequest,
  fieldPath,
  invalid,
  invalidValue,
  isJsonObject,
  JsonDecodeError,
  jsonKind,
  parseApiVersion,
  parseJson,
  StatusError,
  unsupportedMediaType,
  type KubeObject,
  type ObjectCodec,
} from '@pilothouse/apimachinery';
import { bodyText } from '../http/read-body.ts';
import type { FieldValidation } from '../endpoints/write-options.ts';
import { ENCODING_OF_MEDIA_TYPE, MEDIA_TYPE, parseMediaType, type Encoding } from './media-types.ts';
import { typeMismatch } from './type-mismatch.ts';
import { YamlError, yamlToJson } from './yaml-to-json.ts';

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
  const yaml = encoding === 'yaml' ? readYaml(text, expected) : undefined;
  // Go reads null into an object without a word.
  const json = (yaml?.json ?? text).trim() === 'null' ? '{}' : (yaml?.json ?? text);
  const { object, strictErrors } = decodeText(json, expected);
  const checked = checkedType(object, expected);
  reportStrictErrors([...(yaml?.strictErrors ?? []), ...strictErrors], expected, fieldValidation, warn);
  return checked;
}

function readYaml(text: string, expected: Expected) {
  try {
    return yamlToJson(text);
  } catch (error) {
    throw error instanceof YamlError ? unrecognized(text, error.message, expected) : error;
  }
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
  const why = unreadableType(text);
  if (why !== undefined) return unrecognized(text, `couldn't get version/kind; json parse error: ${why}`, expected);
  try {
    checkedType(JSON.parse(text) as KubeObject, expected);
  } catch (wrongKind) {
    if (wrongKind instanceof StatusError) return wrongKind;
  }
  return cannotBeHandled(expected, expected, error.message);
}

/** Why upstream cannot even tell the kind of what the text says; undefined when it can. */
function unreadableType(text: string): string | undefined {
  let value: unknown;
  try {
    ({ value } = parseJson(text));
  } catch (syntax) {
    return (syntax as Error).message;
  }
  if (!isJsonObject(value)) return `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${TYPE_META}`;
  for (const field of ['kind', 'apiVersion']) {
    const given = value[field] ?? '';
    if (typeof given === 'string') continue;
    return `json: cannot unmarshal ${jsonKind(given)} into Go struct field .${field} of type string`;
  }
  return undefined;
}

/** The Go type with which upstream looks at kind and version, as Go prints it. */
const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Of what says neither its kind nor its version. */
function unrecognized(text: string, why: string, { kind }: Expected): StatusError {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summarize(text)})`);
}

const SUMMARY_BYTES = 30;

function summarize(text: string): string {
  if (text === '') return '<empty>';
  const bytes = Buffer.from(text);
  const head = bytes.subarray(0, SUMMARY_BYTES);
  const shown = text.startsWith('{') ? head.toString() : head.toString('hex');
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}

/** With kind and apiVersion filled in from the path. Throws 400 and 422. */
function checkedType(object: KubeObject, expected: Expected): KubeObject {
  const given = { kind: object.kind || expected.kind, apiVersion: object.apiVersion || expected.apiVersion };
  if (expected.codec.schema.structural) checkCustomType(given, object, expected);
  else checkBuiltInType(given, expected);
  return object.kind && object.apiVersion ? object : { ...object, ...given };
}

function checkBuiltInType(given: TypeMeta, expected: Expected): void {
  const why = typeMismatch(given, expected);
  if (why !== undefined) throw cannotBeHandled(given, expected, why);
  checkVersion(given.apiVersion, expected);
}

/** A custom resource has no Go type that would say its kind: what it says itself is judged, as a field of it. */
function checkCustomType({ kind, apiVersion }: TypeMeta, object: KubeObject, expected: Expected): void {
  checkVersion(apiVersion, expected);
  if (kind === expected.kind) return;
  const { group } = parseApiVersion(apiVersion);
  const error = invalidValue(fieldPath('kind'), kind, `must be ${expected.kind}`);
  throw invalid(group, kind, object.metadata?.name ?? '', [error]);
}

function checkVersion(apiVersion: string, expected: TypeMeta): void {
  if (apiVersion === expected.apiVersion) return;
  throw badRequest(
    `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`,
  );
}
