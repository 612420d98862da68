import { definitions, loadDescriptions } from '@pilothouse/api';
import { describe, expect, test } from 'vitest';
import { discoveryOperations } from './discovery-operations.ts';
import { openApiDocument } from './documents.ts';

const describeField = await loadDescriptions();
const served = definitions.flatMap((definition) => definition.versions.map(({ version }) => ({ definition, version })));

function walk(value: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) for (const each of value) walk(each, visit);
  else if (typeof value === 'object' && value !== null) {
    visit(value as Record<string, unknown>);
    for (const each of Object.values(value)) walk(each, visit);
  }
}

function at(document: unknown, pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], document);
}

describe.each(['v2', 'v3'] as const)('the OpenAPI %s document of everything built in', (version) => {
  const document = openApiDocument(served, version, describeField, discoveryOperations(served));

  test('refers only to definitions that it has', () => {
    const dangling = new Set<string>();
    walk(document, (node) => {
      if (typeof node['$ref'] === 'string' && at(document, node['$ref']) === undefined) dangling.add(node['$ref']);
    });
    expect([...dangling]).toEqual([]);
  });

  test('gives every operation an id of its own', () => {
    const ids: string[] = [];
    walk(document['paths'], (node) => {
      if (typeof node['operationId'] === 'string') ids.push(node['operationId']);
    });
    expect(ids.length).toBeGreaterThan(500);
    expect(ids.filter((id, position) => ids.indexOf(id) !== position)).toEqual([]);
  });

  test('names the kind behind each definition that is one', () => {
    const schemas = (
      version === 'v2' ? document['definitions'] : (document['components'] as Record<string, unknown>)['schemas']
    ) as Record<string, Record<string, unknown>>;
    expect(schemas['io.k8s.api.apps.v1.Deployment']!['x-kubernetes-group-version-kind']).toEqual([
      { group: 'apps', version: 'v1', kind: 'Deployment' },
    ]);
    const kinds = Object.values(schemas).flatMap(
      (schema) => (schema['x-kubernetes-group-version-kind'] as object[] | undefined) ?? [],
    );
    for (const { definition, version: servedVersion } of served) {
      expect(kinds).toContainEqual({ group: definition.group, version: servedVersion, kind: definition.kind });
    }
  });

  test('says what fields are for', () => {
    const schemas = (
      version === 'v2' ? document['definitions'] : (document['components'] as Record<string, unknown>)['schemas']
    ) as Record<string, { description: string; properties: Record<string, { description: string }> }>;
    const describedIn = (name: string) =>
      Object.values(schemas[name]!.properties).every(({ description }) => description !== undefined);
    for (const name of ['ContainerPort', 'ServicePort', 'ServiceSpec', 'ConfigMap', 'EnvVar', 'Toleration'])
      expect(describedIn(`io.k8s.api.core.v1.${name}`), name).toBe(true);
    expect(schemas['io.k8s.api.core.v1.Pod']!.description).toMatch(/^Containers that/);
    // Those of what is inlined in Protobuf stand in the object around it.
    expect(schemas['io.k8s.api.core.v1.Probe']!.properties['httpGet']!.description).toMatch(/^Sends an HTTP GET/);
  });

  test('tells how lists merge, for apply', () => {
    const schemas = (
      version === 'v2' ? document['definitions'] : (document['components'] as Record<string, unknown>)['schemas']
    ) as Record<string, { properties: Record<string, object> }>;
    expect(schemas['io.k8s.api.core.v1.PodSpec']!.properties['containers']).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    });
  });
});
