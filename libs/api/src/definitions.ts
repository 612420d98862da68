import {
  compareVersions,
  decodeJsonValue,
  type KubeObject,
  parseApiVersion,
  type ResourceDefinition,
  type Strategy,
  type SubresourceDefinition,
  type VersionDefinition,
} from '@pilothouse/apimachinery';
import type { KindBehaviour } from './kind.ts';
import { kinds } from './kinds.ts';
import { createdAtColumn, nameColumn } from './printing/index.ts';
import { generatedResources, schemaFor } from './schemas.ts';

/**
 * Joins what `proto/` says of each resource (names, scope, verbs, schema, versions) with what its kind's file says
 * (defaults, validation, columns). A kind without a file gets the generic behaviour.
 */
interface ResourceRow {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly words: ReadonlyMap<string, string>;
  readonly subresources: readonly SubresourceDefinition[];
}

function parseRow([groupVersion, kind, text]: readonly [string, string, string]): ResourceRow {
  const [main, ...subresources] = text.split('; ');
  const [resource, scope, ...words] = main!.split(' ');
  return {
    ...parseApiVersion(groupVersion),
    kind,
    resource: resource!,
    namespaced: scope === 'namespaced',
    words: wordMap(words),
    subresources: subresources.map(parseSubresource),
  };
}

const wordMap = (words: readonly string[]): Map<string, string> =>
  new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));

/** `/scale kind=autoscaling/v1.Scale verbs=get|patch|update`, `/exec kind=v1.PodExecOptions verbs=connect:GET|POST` */
function parseSubresource(text: string): SubresourceDefinition {
  const [name, ...rest] = text.split(' ');
  const words = wordMap(rest);
  const reference = words.get('kind')!;
  const dot = reference.lastIndexOf('.');
  const verbs = words.get('verbs')!;
  return {
    name: name!.slice(1),
    kind: { ...parseApiVersion(reference.slice(0, dot)), kind: reference.slice(dot + 1) },
    ...(verbs.startsWith('connect:')
      ? { verbs: ['connect'], methods: verbs.slice('connect:'.length).split('|') }
      : { verbs: verbs.split('|') }),
  };
}

const GENERIC_STRATEGY: Strategy = {
  validate: () => [],
  validateUpdate: () => [],
  allowCreateOnUpdate: false,
  allowUnconditionalUpdate: true,
  tracksGeneration: false,
  defaultPropagation: 'Background',
  selectableFields: {},
};

function define(rows: readonly ResourceRow[]): ResourceDefinition {
  const preferred = [...rows].sort((a, b) => compareVersions(a.version, b.version));
  const { group, kind, resource, namespaced, words } = preferred[0]!;
  const behaviour: KindBehaviour = kinds.find((each) => each.group === group && each.kind === kind) ?? { group, kind };
  const storageVersion = behaviour.storageVersion ?? preferred[0]!.version;
  const stored = rows.find((row) => row.version === storageVersion)!;
  const verbs = words.get('verbs')!.split('|');
  const list = (text: string | undefined): string[] => (text ? text.split('|') : []);
  return {
    group,
    resource,
    kind,
    listKind: `${kind}List`,
    singular: words.get('singular') ?? kind.toLowerCase(),
    shortNames: list(words.get('short')),
    categories: list(words.get('categories')),
    namespaced,
    versions: preferred.map((row) => defineVersion(row, storageVersion, behaviour)),
    storageVersion,
    storagePrefix: behaviour.storagePrefix ?? resource,
    storageEncoding: group === 'apiextensions.k8s.io' || group === 'apiregistration.k8s.io' ? 'json' : 'protobuf',
    ...(behaviour.ttlSeconds === undefined ? {} : { ttlSeconds: behaviour.ttlSeconds }),
    verbs: verbs.includes('list') && behaviour.watchable !== false ? [...verbs, 'watch'].sort() : verbs,
    strategy: { ...GENERIC_STRATEGY, ...behaviour.strategy },
    subresources: stored.subresources.map((each) => ({ ...each, ...behaviour.subresources?.[each.name] })),
  };
}

function defineVersion(row: ResourceRow, storageVersion: string, behaviour: KindBehaviour): VersionDefinition {
  const own = behaviour.versions?.[row.version];
  const defaults =
    own?.defaults ?? (row.version === storageVersion || own === undefined ? behaviour.defaults : undefined);
  return {
    version: row.version,
    schema: schemaFor(row.group, row.version, row.kind)!,
    columns: own?.columns ?? behaviour.columns ?? [nameColumn, createdAtColumn],
    ...(behaviour.rowConditions ? { rowConditions: behaviour.rowConditions } : {}),
    ...(behaviour.rowOrder ? { rowOrder: behaviour.rowOrder } : {}),
    ...(defaults ? { defaults } : {}),
    ...conversionsOf(row, storageVersion, own),
    ...(own?.deprecationWarning ? { deprecationWarning: own.deprecationWarning } : {}),
  };
}

type Conversions = Pick<VersionDefinition, 'toStorage' | 'fromStorage'>;

/** The storage version needs none, unless it is itself a view on another group's objects. */
function conversionsOf(
  { group, version, kind }: ResourceRow,
  storageVersion: string,
  own: Conversions | undefined,
): Conversions {
  if (own?.toStorage && own.fromStorage) {
    const { toStorage, fromStorage } = own;
    return {
      toStorage: (object) => normalForm(toStorage(object), kind),
      fromStorage: (object) => normalForm(fromStorage(object), kind),
    };
  }
  if (version === storageVersion) return {};
  return {
    toStorage: (object) => ({ ...object, apiVersion: apiVersionOf(group, storageVersion) }),
    fromStorage: (object) => ({ ...object, apiVersion: apiVersionOf(group, version) }),
  };
}

/** Conversions leave fields where they like; what they make must print as if it had been read. */
function normalForm(object: KubeObject, kind: string): KubeObject {
  const { group, version } = parseApiVersion(object.apiVersion ?? '');
  return decodeJsonValue(schemaFor(group, version, kind)!, object).object;
}

const apiVersionOf = (group: string, version: string): string => (group === '' ? version : `${group}/${version}`);

function defineAll(): ResourceDefinition[] {
  const byResource = new Map<string, ResourceRow[]>();
  for (const row of generatedResources.map(parseRow)) {
    const key = `${row.group}/${row.resource}`;
    byResource.set(key, [...(byResource.get(key) ?? []), row]);
  }
  return [...byResource.values()].map(define);
}

/** Every built-in resource of Kubernetes 1.36. */
export const definitions: readonly ResourceDefinition[] = defineAll();
