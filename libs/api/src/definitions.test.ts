import { existsSync, readFileSync } from 'node:fs';
import { formatGroupResource, type ResourceDefinition } from '@pilothouse/apimachinery';
import { describe, expect, it } from 'vitest';
import { definitions } from './definitions.ts';

/** The API surface of Kubernetes 1.36 as tables, where they are to be had. */
const FACTS = new URL('../../../../shared/facts/', import.meta.url).pathname;

/** Rows of tab-separated cells; lines of comment left out. */
function table(name: string): string[][] {
  const path = `${FACTS}${name}`;
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t'));
}

const groupName = (name: string): string => (name === 'core' ? '' : name);
const list = (cell: string | undefined): string[] =>
  !cell || cell === '-' || cell.endsWith('?') ? [] : cell.split(',');

function definitionOf(group: string, resource: string): ResourceDefinition | undefined {
  return definitions.find((each) => each.group === groupName(group) && each.resource === resource);
}

/** By the `group/Kind` of the tables, whose groups are short: `core/Pod`, `apps/ReplicaSet`, `events.k8s.io/Event`. */
function definitionOfKind(reference: string): ResourceDefinition | undefined {
  const [group = '', kind] = reference.split('/');
  return definitions.find((each) => each.group === groupName(group) && each.kind === kind);
}

const resources = table('resources.tsv').filter(([group, version]) => group !== 'group' && version);

/** Computed on request: there is nothing to watch. */
const UNWATCHED = 'componentstatuses';

describe.skipIf(resources.length === 0)('every resource of 1.36', () => {
  it.each(resources)('%s/%s %s', (group, version, path, kind, scope, verbs) => {
    const [resource = '', ...rest] = path!.split('/');
    const subresource = rest.join('/');
    const definition = definitionOf(group!, resource)!;
    expect(definition, formatGroupResource(groupName(group!), resource)).toBeDefined();
    expect(definition.versions.map((each) => each.version)).toContain(version);
    expect(definition.namespaced).toBe(scope === 'Namespaced');
    if (subresource === '') {
      const expected = verbs!.split(',');
      expect([...definition.verbs].sort()).toEqual(
        (expected.includes('list') && resource !== UNWATCHED ? [...expected, 'watch'] : expected).sort(),
      );
      expect(kind!.endsWith(`.${definition.kind}`) || kind!.endsWith(` ${definition.kind}`)).toBe(true);
    } else {
      const found = definition.subresources.find(({ name }) => name === subresource)!;
      expect(found, subresource).toBeDefined();
      const connect = /^connect \((.*)\)$/.exec(verbs!);
      if (connect) expect([...(found.methods ?? [])].sort()).toEqual(connect[1]!.split(',').sort());
      else expect([...found.verbs].sort()).toEqual(verbs!.split(',').sort());
    }
  });
});

const names = table('behaviour/names.tsv');

describe.skipIf(names.length === 0)('names', () => {
  it.each(names)('%s %s', (group, resource, singular, short, categories, versions) => {
    const definition = definitionOf(group!, resource!)!;
    expect(definition.singular).toBe(singular);
    expect([...definition.shortNames]).toEqual(list(short));
    if (!categories?.includes('?')) expect([...definition.categories]).toEqual(list(categories));
    expect(definition.versions.map(({ version }) => version).sort()).toEqual(versions!.split(',').sort());
  });
});

interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
}

const columnsByKind = new Map<string, Column[]>();
for (const [kind = '', name = '', type = '', format = '', priority] of table('behaviour/printer-columns.tsv')) {
  if (kind.startsWith('notes.')) continue;
  const column = { name, type, format: format === '-' ? '' : format, priority: Number(priority) };
  columnsByKind.set(kind, [...(columnsByKind.get(kind) ?? []), column]);
}
/** Printed, but no resource of their own. */
const NOT_RESOURCES = new Set(['Status', 'Scale']);

describe.skipIf(columnsByKind.size === 0)('printer columns', () => {
  it.each([...columnsByKind].filter(([kind]) => !NOT_RESOURCES.has(kind)))('%s', (kind, expected) => {
    const printed = definitions.filter((each) => each.kind === kind);
    expect(printed.length).toBeGreaterThan(0);
    for (const { versions } of printed) {
      for (const { columns } of versions) {
        const actual = columns.map(({ name, type, format = '', priority }) => ({ name, type, format, priority }));
        expect(actual).toEqual(expected);
      }
    }
  });
});

const selectable = new Map<string, string[]>();
for (const [kind = '', label = ''] of table('behaviour/selectable-fields.tsv')) {
  if (!kind.startsWith('<')) selectable.set(kind, [...(selectable.get(kind) ?? []), label]);
}
const GENERIC = ['metadata.name', 'metadata.namespace'];

describe.skipIf(selectable.size === 0)('selectable fields', () => {
  it.each([...selectable])('%s', (kind, expected) => {
    const { strategy } = definitionOfKind(kind)!;
    const own = Object.keys(strategy.selectableFields);
    const actual = strategy.exactFieldLabels ? own : [...new Set([...GENERIC, ...own])];
    expect(actual.sort()).toEqual([...expected].sort());
  });

  it('all other kinds can be selected by name and namespace only', () => {
    const others = definitions.filter(({ group, kind }) => !selectable.has(`${group || 'core'}/${kind}`));
    for (const { kind, strategy } of others) expect(Object.keys(strategy.selectableFields), kind).toEqual([]);
  });
});

describe('where objects are stored', () => {
  it.each([
    ['', 'pods', 'pods', 'v1'],
    ['', 'nodes', 'minions', 'v1'],
    ['', 'endpoints', 'services/endpoints', 'v1'],
    ['', 'services', 'services/specs', 'v1'],
    ['', 'replicationcontrollers', 'controllers', 'v1'],
    ['', 'events', 'events', 'v1'],
    ['events.k8s.io', 'events', 'events', 'v1'],
    ['networking.k8s.io', 'ingresses', 'ingress', 'v1'],
    ['apiextensions.k8s.io', 'customresourcedefinitions', 'apiextensions.k8s.io/customresourcedefinitions', 'v1'],
    ['apiregistration.k8s.io', 'apiservices', 'apiregistration.k8s.io/apiservices', 'v1'],
    ['autoscaling', 'horizontalpodautoscalers', 'horizontalpodautoscalers', 'v2'],
    ['admissionregistration.k8s.io', 'mutatingadmissionpolicies', 'mutatingadmissionpolicies', 'v1beta1'],
    ['certificates.k8s.io', 'clustertrustbundles', 'clustertrustbundles', 'v1beta1'],
    ['coordination.k8s.io', 'leasecandidates', 'leasecandidates', 'v1beta1'],
    ['resource.k8s.io', 'resourceclaims', 'resourceclaims', 'v1'],
    ['resource.k8s.io', 'devicetaintrules', 'devicetaintrules', 'v1alpha3'],
    ['networking.k8s.io', 'servicecidrs', 'servicecidrs', 'v1'],
    ['storage.k8s.io', 'volumeattributesclasses', 'volumeattributesclasses', 'v1'],
  ])('%s %s', (group, resource, prefix, version) => {
    const { storagePrefix, storageVersion } = definitionOf(group, resource)!;
    expect([storagePrefix, storageVersion]).toEqual([prefix, version]);
  });

  it('no two resources share a place, but for the two views on events', () => {
    const prefixes = definitions.map(({ storagePrefix }) => storagePrefix);
    expect(prefixes.filter((prefix, at) => prefixes.indexOf(prefix) !== at)).toEqual(['events']);
  });
});
