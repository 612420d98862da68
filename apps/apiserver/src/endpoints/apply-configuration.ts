import { badRequest, conflict, decodeJsonValue, isJsonObject, type KubeObject } from '@pilothouse/apimachinery';
import type { ObjectName } from '@pilothouse/storage';
import { withFieldManager } from '../managed-fields/field-managers.ts';
import { warnAbout } from '../negotiation/decode-body.ts';
import { yamlToJson } from '../negotiation/yaml-to-json.ts';
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
  const { configuration, strictErrors } = readConfiguration(text, context);
  return async (live) => {
    const { uid } = configuration.metadata ?? {};
    if (live === undefined && uid) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(resource.definition, key.name, why);
    }
    const { fieldManager, force } = options;
    const merged = await withFieldManager(resource, served, subresource, (manager) =>
      manager.apply(live, configuration, fieldManager, force, request.receivedAt),
    );
    reportDuplicates(strictErrors, context);
    return decodeJsonValue(served.version.schema, merged).object;
  };
}

/** The body as the client wrote it: what is not in it must stay out, so neither normal form nor defaults. */
function readConfiguration(
  text: string,
  { served, key }: ApplyContext,
): { configuration: KubeObject; strictErrors: readonly string[] } {
  const { json, strictErrors } = yamlToJson(text, served.definition.kind);
  const value: unknown = JSON.parse(json);
  if (!isJsonObject(value)) throw badRequest(`error decoding YAML: expected an object, not ${JSON.stringify(value)}`);
  const configuration = value as KubeObject;
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
  return { configuration: { ...configuration, metadata: { ...metadata, name: key.name, ...place } }, strictErrors };
}

/** Unknown fields are refused by apply itself, since nobody could own them; duplicate keys only here, and only after. */
function reportDuplicates(errors: readonly string[], { options, request }: ApplyContext): void {
  if (errors.length === 0 || options.fieldValidation === 'Ignore') return;
  if (options.fieldValidation === 'Strict') {
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${errors.join(', ')}`);
  }
  warnAbout(errors, (warning) => request.warnings.add(warning));
}
