import {
  badRequest,
  conflict,
  decodeJsonValue,
  isJsonObject,
  jsonKind,
  type KubeObject,
} from '@pilothouse/apimachinery';
import type { ObjectName } from '@pilothouse/storage';
import { withFieldManager } from '../managed-fields/field-managers.ts';
import { warnAbout } from '../negotiation/decode-body.ts';
import { YamlError, yamlToJson } from '../negotiation/yaml-to-json.ts';
import { requireName } from '../registry/before-update.ts';
import { matchNamespace } from '../registry/metadata.ts';
import type { ServedResource } from '../registry/resources.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';
import type { WriteOptions } from './write-options.ts';

export interface ApplyContext {
  readonly resource: ServedResource;
  readonly served: ServedVersion;
  readonly options: WriteOptions;
  readonly request: ApiRequest;
  readonly key: ObjectName;
  readonly subresource?: string;
}

/** Server-side apply: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
export function applyConfiguration(
  text: string,
  context: ApplyContext,
): (live: KubeObject | undefined) => Promise<KubeObject> {
  const { resource, served, options, request, key, subresource } = context;
  return async (live) => {
    const { configuration, strictErrors } = readConfiguration(text);
    const { fieldManager, force } = options;
    const merged = await withFieldManager(resource, served, subresource, (manager) =>
      manager.apply(live, configuration, fieldManager, force, request.receivedAt),
    );
    reportDuplicates(strictErrors, options, request);
    const { uid } = configuration.metadata ?? {};
    if (live === undefined && uid) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(resource.definition, key.name, why);
    }
    const { object } = decodeJsonValue(served.version.schema, merged);
    matchNamespace(resource.definition, object, key.namespace);
    requireName(object, key);
    return object;
  };
}

export interface Configuration {
  readonly configuration: KubeObject;
  /** Keys that stand twice. */
  readonly strictErrors: readonly string[];
}

/** The body as the client wrote it: what is not in it must stay out, so neither normal form nor defaults. Throws 400. */
export function readConfiguration(text: string): Configuration {
  const { json, strictErrors } = readYaml(text);
  const value: unknown = JSON.parse(json);
  if (value === null) return { configuration: {}, strictErrors };
  if (isJsonObject(value)) return { configuration: value as KubeObject, strictErrors };
  throw undecodable(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`,
  );
}

function readYaml(text: string) {
  try {
    return yamlToJson(text);
  } catch (error) {
    throw error instanceof YamlError ? undecodable(`error converting YAML to JSON: ${error.message}`) : error;
  }
}

const undecodable = (why: string) => badRequest(`error decoding YAML: ${why}`);

/** Unknown fields are refused by apply itself, since nobody could own them; duplicate keys only here, and only after. */
export function reportDuplicates(errors: readonly string[], options: WriteOptions, request: ApiRequest): void {
  if (errors.length === 0 || options.fieldValidation === 'Ignore') return;
  if (options.fieldValidation === 'Strict') {
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${errors.join(', ')}`);
  }
  warnAbout(errors, (warning) => request.warnings.add(warning));
}
