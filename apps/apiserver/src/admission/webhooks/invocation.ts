import { formatApiVersion, subresourcesIn, type KubeObject, type ResourceDefinition } from '@pilothouse/apimachinery';
import type { Resources, ServedResource } from '../../registry/resources.ts';
import { applyDefaults } from '../../registry/storage-codec.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import { matchesRule, type MatchedResource, type MatchRule } from './match-rules.ts';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Under which resource and kind somebody is told of a request. */
export interface Invocation {
  readonly resource: MatchedResource;
  readonly kind: GroupVersionKind;
  /** Absent when the subresource speaks a kind of its own, which is not converted. */
  readonly served?: ServedResource;
}

/**
 * The first rule that covers the request, under the request's own resource or, with `matchPolicy: Equivalent`, under
 * another version or group through which the same objects are served.
 */
export function findInvocation(
  rules: readonly MatchRule[],
  matchPolicy: string | undefined,
  attributes: AdmissionAttributes,
  resources: Resources,
): Invocation | undefined {
  const own = resourceOf(attributes);
  if (rules.some((rule) => matchesRule(rule, attributes, own))) return invocationFor(own, attributes, resources);
  if (matchPolicy === 'Exact') return undefined;
  const others = equivalentResources(attributes, resources);
  for (const rule of rules) {
    const match = others.find((each) => matchesRule(rule, attributes, each));
    if (match) return invocationFor(match, attributes, resources);
  }
  return undefined;
}

export function resourceOf({ definition, version }: AdmissionAttributes): MatchedResource {
  return { group: definition.group, version, resource: definition.resource };
}

/** The kind that the request itself speaks. */
export function kindOf(
  attributes: AdmissionAttributes,
  resource = attributes.definition,
  version = attributes.version,
): GroupVersionKind {
  const { subresource } = attributes;
  const foreign = subresource === '' ? undefined : foreignKind(attributes);
  return foreign ?? { group: resource.group, version, kind: resource.kind };
}

function foreignKind({ definition, version, subresource, object }: AdmissionAttributes): GroupVersionKind | undefined {
  const declared = subresourcesIn(definition, version).find(({ name }) => name === subresource)?.kind;
  if (declared === undefined || (declared.group === definition.group && declared.kind === definition.kind))
    return undefined;
  // A connect speaks its options, whatever it answers with.
  return object?.kind && object.kind !== declared.kind
    ? { group: declared.group, version: declared.version, kind: object.kind }
    : declared;
}

const equivalents = new WeakMap<ResourceDefinition, readonly MatchedResource[]>();

/** Every other version or group under which the same objects are served. A definition that changes is another one. */
function equivalentResources(
  { definition, version }: AdmissionAttributes,
  resources: Resources,
): readonly MatchedResource[] {
  let known = equivalents.get(definition);
  if (known === undefined) equivalents.set(definition, (known = servedAs(definition, resources)));
  return known.filter((each) => each.group !== definition.group || each.version !== version);
}

function servedAs({ storagePrefix, resource }: ResourceDefinition, resources: Resources): MatchedResource[] {
  return resources
    .all()
    .filter(({ definition }) => definition.storagePrefix === storagePrefix && definition.resource === resource)
    .flatMap(({ definition: { group }, versions }) =>
      [...versions.keys()].map((version) => ({ group, version, resource })),
    );
}

function invocationFor(resource: MatchedResource, attributes: AdmissionAttributes, resources: Resources): Invocation {
  const served = resources.find(resource.group, resource.resource);
  const kind = kindOf(attributes, served?.definition, resource.version);
  const isForeign = kind.kind !== attributes.definition.kind;
  return { resource, kind, ...(served && !isForeign ? { served } : {}) };
}

/** The object under write as the invocation's version shows it. Shared with the argument where nothing differs. */
export async function toInvokedVersion(
  { served, resource }: Invocation,
  object: KubeObject | undefined,
): Promise<KubeObject | undefined> {
  const version = served?.versions.get(resource.version);
  if (object === undefined || version === undefined) return object;
  if (version.version.remote === undefined || object.apiVersion === version.apiVersion)
    return version.fromStorage(object);
  return (await version.version.remote([object]))[0];
}

/** What came back, with defaults, as the write has it. Events of the core group and of events.k8s.io store alike. */
export async function fromInvokedVersion(
  invocation: Invocation,
  object: KubeObject,
  attributes: AdmissionAttributes,
): Promise<KubeObject> {
  const version = invocation.served?.versions.get(invocation.resource.version);
  if (version === undefined) return object;
  applyDefaults(version.version, object);
  const { group, storageVersion } = attributes.definition;
  if (version.version.remote) {
    const own = invocation.served!.versions.get(attributes.version)!;
    return (await own.version.remote!([object]))[0]!;
  }
  return { ...version.toStorage(object), apiVersion: formatApiVersion({ group, version: storageVersion }) };
}
