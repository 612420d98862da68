import {
  customResourceSchema,
  formatApiVersion,
  parseApiVersion,
  type JsonSchema,
  type ObjectSchema,
} from '@pilothouse/apimachinery';
import { messageSchema, schemaFor, type ParamKind, type ValidatingAdmissionPolicy } from '@pilothouse/api';
import type { Type } from '@pilothouse/cel';
import type { DiscoveredResource, KubeClient } from '@pilothouse/client';
import type { CheckedKind } from './check-types.ts';
import { typeOfSchema } from './type-of-schema.ts';

/** Policies for more kinds than this are checked for the first of them only. */
const MAX_KINDS = 10;
const OBJECT_META = 'k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** The kinds that a policy names without wildcards, with the types of their objects. */
export async function kindsOf({ spec }: ValidatingAdmissionPolicy, client: KubeClient): Promise<CheckedKind[]> {
  const { resources } = await client.discover();
  const matched = new Set<DiscoveredResource>();
  for (const { apiGroups = [], apiVersions = [], resources: names = [] } of spec.matchConstraints?.resourceRules ??
    []) {
    for (const each of resources) {
      if (apiGroups.includes(each.group) && apiVersions.includes(each.version) && names.includes(each.resource))
        matched.add(each);
    }
  }
  const kinds: CheckedKind[] = [];
  for (const { group, version, kind } of [...matched].slice(0, MAX_KINDS)) {
    const type = await typeOfKind(group, version, kind, client);
    const prefix = group === '' ? `/${version}` : formatApiVersion({ group, version });
    if (type) kinds.push({ name: `${prefix}, Kind=${kind}`, type });
  }
  return kinds;
}

export async function paramsType(paramKind: ParamKind | undefined, client: KubeClient): Promise<Type | undefined> {
  if (paramKind === undefined) return undefined;
  const { group, version } = parseApiVersion(paramKind.apiVersion ?? '');
  return typeOfKind(group, version, paramKind.kind ?? '', client);
}

async function typeOfKind(group: string, version: string, kind: string, client: KubeClient): Promise<Type | undefined> {
  const schema = schemaFor(group, version, kind) ?? (await customSchema(group, version, kind, client));
  return schema && typeOfSchema(schema);
}

/**
 * From the published document: everybody may read it, while the controller's role does not reach definitions. Undefined
 * for what nobody publishes.
 */
async function customSchema(
  group: string,
  version: string,
  kind: string,
  client: KubeClient,
): Promise<ObjectSchema | undefined> {
  const { status, body } = await client.raw('GET', `/openapi/v3/apis/${group}/${version}`, {
    headers: { accept: 'application/json' },
  });
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`the schemas of ${group}/${version} cannot be read: ${status}`);
  const { components } = JSON.parse(body.toString()) as { components?: { schemas?: Record<string, PublishedSchema> } };
  const found = Object.values(components?.schemas ?? {}).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      (each) => each.group === group && each.version === version && each.kind === kind,
    ),
  );
  return found && customResourceSchema(found, messageSchema(OBJECT_META));
}

type PublishedSchema = JsonSchema & {
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
};
