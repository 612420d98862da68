import {
  compareVersions,
  deepEqual,
  formatApiVersion,
  JsonPath,
  parseApiVersion,
  pruneObject,
  type KubeObject,
  type RequestContext,
  type ResourceDefinition,
  type ScalePaths,
  type Strategy,
  type SubresourceDefinition,
  type VersionDefinition,
} from '@pilothouse/apimachinery';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '@pilothouse/api';
import { orderMetadata } from '../metadata.ts';
import type { ConversionOf } from './conversion-webhook.ts';
import { CustomVersion, shownIn } from './custom-version.ts';
import { printerColumns } from './printer-columns.ts';

/** In the order in which upstream's discovery shows them. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** A CRD, with the names that were accepted, as the resource it defines. */
export function definitionFromCrd(crd: CustomResourceDefinition, webhook?: ConversionOf): ResourceDefinition {
  const { group, scope } = crd.spec;
  const names = crd.status!.acceptedNames;
  const versions = (crd.spec.versions ?? []).map((version) => new CustomVersion(version));
  const storage = versions.find(({ version }) => version.storage)!;
  const sorted = versions.sort((a, b) => compareVersions(a.version.name, b.version.name));
  const judge = judgeOf(versions, storage, group, webhook !== undefined);
  const define = (version: CustomVersion): VersionDefinition =>
    defineVersion(version, storage, group, names.kind, judge, webhook);
  return {
    group,
    resource: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    versions: sorted.filter(({ version }) => version.served).map(define),
    unservedVersions: sorted.filter(({ version }) => !version.served).map(define),
    storageVersion: storage.version.name,
    storagePrefix: `${group}/${names.plural}`,
    storageEncoding: 'json',
    verbs: VERBS,
    strategy: strategyOf(judge),
    subresources: subresourcesOf(storage.version, judge),
  };
}

function defineVersion(
  custom: CustomVersion,
  storage: CustomVersion,
  group: string,
  kind: string,
  judge: Judge,
  webhook: ConversionOf | undefined,
): VersionDefinition {
  const { version, schema } = custom;
  const apiVersion = formatApiVersion({ group, version: version.name });
  const storageApiVersion = formatApiVersion({ group, version: storage.version.name });
  return {
    version: version.name,
    schema,
    columns: printerColumns(version.additionalPrinterColumns),
    selectableFields: selectableFields(version),
    subresources: subresourcesOf(version, judge),
    ...(version === storage.version
      ? {}
      : {
          toStorage: (object) => renamed(object, storageApiVersion, storage),
          fromStorage: (object) => shownIn({ schema }, { ...object, apiVersion }),
        }),
    ...(webhook ? { remote: webhook(custom) } : {}),
    ...(version.deprecated
      ? { deprecationWarning: version.deprecationWarning ?? `${apiVersion} ${kind} is deprecated` }
      : {}),
  };
}

/** Conversion `None`: only the version's name changes, and what the other schema does not know is dropped. */
function renamed(object: KubeObject, apiVersion: string, { schema }: Pick<CustomVersion, 'schema'>): KubeObject {
  return pruneObject(schema, { ...object, apiVersion }).object as KubeObject;
}

function strategyOf(judge: Judge): Strategy {
  return {
    // Every change counts but those of metadata; where status is a subresource, only its own requests change it.
    tracksGeneration: false,
    prepareForCreate: startGeneration,
    prepareForUpdate: countGeneration,
    validate(object: KubeObject, context) {
      const { version, view } = judge(context, object);
      return version.validate(view(object), undefined, warner(context));
    },
    validateUpdate(object: KubeObject, old: KubeObject, context) {
      const { version, view } = judge(context, object);
      return version.validate(view(object), view(old), warner(context));
    },
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: false,
    defaultPropagation: 'Background',
    selectableFields: {},
  };
}

/** The version that an object is judged in, and the object as that version shows it. */
type Judge = (
  context: RequestContext,
  object: KubeObject,
) => {
  readonly version: CustomVersion;
  readonly view: (object: KubeObject) => KubeObject;
};

/**
 * Objects are judged by the schema of the version that the client speaks, as upstream does. Where a webhook converts,
 * that is the version they are in.
 */
function judgeOf(
  versions: readonly CustomVersion[],
  storage: CustomVersion,
  group: string,
  convertsRemotely: boolean,
): Judge {
  const named = (name: string | undefined) => versions.find((each) => each.version.name === name) ?? storage;
  if (convertsRemotely) {
    return (_context, { apiVersion = '' }) => ({
      version: named(parseApiVersion(apiVersion).version),
      view: (object) => object,
    });
  }
  return ({ version: name }) => {
    const version = named(name);
    const apiVersion = formatApiVersion({ group, version: version.version.name });
    return {
      version,
      view: version === storage ? (object) => object : (object) => renamed(object, apiVersion, version),
    };
  };
}

function warner(context: RequestContext & { warn?: (text: string) => void }): (text: string) => void {
  return context.warn ?? (() => {});
}

function startGeneration(object: KubeObject): void {
  object.metadata = orderMetadata({ ...object.metadata, generation: 1 });
}

function countGeneration(object: KubeObject, old: KubeObject): void {
  const { metadata: _metadata, ...rest } = object;
  const { metadata: _oldMetadata, ...before } = old;
  if (deepEqual(rest, before)) return;
  object.metadata = orderMetadata({ ...object.metadata, generation: (old.metadata?.generation ?? 0) + 1 });
}

/** A write to `status` changes nothing else, labels and annotations neither. */
function keepMetadata(object: KubeObject, old: KubeObject): void {
  const { managedFields: _, ...metadata } = old.metadata ?? {};
  const { managedFields } = object.metadata ?? {};
  object.metadata = orderMetadata({ ...metadata, ...(managedFields ? { managedFields } : {}) });
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#crd-selectable-fields */
function selectableFields({ selectableFields: declared = [] }: CustomResourceDefinitionVersion) {
  const fields: Record<string, (object: KubeObject) => string> = {};
  for (const { jsonPath } of declared ?? []) {
    const path = new JsonPath(jsonPath);
    fields[jsonPath.replace(/^\./, '')] = (object) => {
      const [value] = path.find(object);
      return value === undefined || value === null ? '' : String(value);
    };
  }
  return fields;
}

function subresourcesOf({ subresources }: CustomResourceDefinitionVersion, judge: Judge): SubresourceDefinition[] {
  const result: SubresourceDefinition[] = [];
  const verbs = ['get', 'patch', 'update'];
  if (subresources?.status) {
    const validateUpdate: Strategy['validateUpdate'] = (object: KubeObject, old: KubeObject, context) => {
      const { version, view } = judge(context, object);
      return version.validateStatus(view(object), view(old), warner(context));
    };
    result.push({ name: 'status', verbs, strategy: { prepareForUpdate: keepMetadata, validateUpdate } });
  }
  const scale = subresources?.scale;
  if (scale) {
    const paths: ScalePaths = {
      specReplicas: stepsOf(scale.specReplicasPath),
      statusReplicas: stepsOf(scale.statusReplicasPath),
      ...(scale.labelSelectorPath ? { selector: stepsOf(scale.labelSelectorPath) } : {}),
    };
    const validateUpdate: Strategy['validateUpdate'] = (object: KubeObject, old: KubeObject, context) => {
      const { version, view } = judge(context, object);
      return version.validate(view(object), view(old), warner(context));
    };
    result.push({
      name: 'scale',
      verbs,
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      scale: paths,
      strategy: { prepareForUpdate: countGeneration, validateUpdate },
    });
  }
  return result;
}

const stepsOf = (jsonPath = ''): string[] => jsonPath.split('.').slice(1);
