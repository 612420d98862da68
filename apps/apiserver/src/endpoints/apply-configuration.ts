import { badRequest, conflict, decodeJsonValue, isJsonObject, JsonDecodeError, type KubeObject } from '@pilothouse/apimachinery';
import type { ObjectName } from '@pilothouse/storage';
import { fieldManagerOf } from '../managed-fields/field-managers.ts';
import { reportStrictErrors } from '../negotiation/decode-body.ts';
import { yamlToJson } from '../negotiation/yaml-to-json.ts';
import type { ServedResource } from '../registry/resources.ts';
import type { ServedVersion } from '../registry/served-version.ts';
import type { ApiRequest } from '../request.ts';
import type { Patcher } from './apply-patch.ts';
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
export function applyConfiguration(text: string, context: ApplyContext): Patcher {
  const { resource, served, options, request, key, subresource } = context;
  const configuration = readConfiguration(text, context);
  const manager = fieldManagerOf(resource, served, subresource);
  return (live) => {
    const { uid } = configuration.metadata ?? {};
    if (live === undefined && uid) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(resource.definition, key.name, why);
    }
    const { fieldManager, force } = options;
    const merged = manager.apply(live, configuration, fieldManager, force, request.receivedAt);
    return decodeJsonValue(served.version.schema, merged).object;
  };
}

/** The body as the client wrote it: what is not in it must stay out, so neither normal form nor defaults. */
function readConfiguration(text: string, { served, options, request, key }: ApplyContext): KubeObject {
  const { json, strictErrors } = yamlToJson(text, served.definition.kind);
  const value: unknown = JSON.parse(json);
  if (!isJsonObject(value)) throw badRequest(`error decoding YAML: expected an object, not ${JSON.stringify(value)}`);
  const configuration = value as KubeObject;
  const warn = (warning: string) => request.warnings.add(warning);
  reportStrictErrors([...strictErrors, ...unknownFields(configuration, served)], strictTarget(served), options.fieldValidation, warn);
  const metadata = isJsonObject(configuration.metadata) ? configuration.metadata : {};
  const { name, namespace } = metadata as { name?: string; namespace?: string };
  if (name && name !== key.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${key.name})`);
  }
  if (namespace && served.definition.namespaced && namespace !== key.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  // The path says both; upstream fills them in before it applies.
  const place = served.definition.namespaced ? { namespace: key.namespace } : {};
  return { ...configuration, metadata: { ...metadata, name: key.name, ...place } };
}

/** Those that apply itself does not complain of, because nothing can own them: the message is the strict decoder's. */
function unknownFields(configuration: KubeObject, served: ServedVersion): readonly string[] {
  try {
    return decodeJsonValue(served.version.schema, configuration).strictErrors;
  } catch (error) {
    if (error instanceof JsonDecodeError) return [];
    throw error;
  }
}

function strictTarget({ definition, apiVersion }: ServedVersion) {
  return { kind: definition.kind, apiVersion };
}
