import {
  decodeJsonValue,
  formatApiVersion,
  type ResourceDefinition,
  type VersionDefinition,
} from '@pilothouse/apimachinery';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryOf } from './arbitrary-object.ts';
import { CONTEXT, NOW } from './core/example-objects.ts';
import { definitions } from './definitions.ts';

const runs = { numRuns: 150 };

function objectsOf({ group, kind }: ResourceDefinition, { version, schema }: VersionDefinition): fc.Arbitrary<any> {
  const apiVersion = formatApiVersion({ group, version });
  return arbitraryOf(schema).map((json) => decodeJsonValue(schema, { ...(json as object), apiVersion, kind }).object);
}

const named = (each: ResourceDefinition): [string, ResourceDefinition] => [`${each.resource}.${each.group}`, each];
const others = definitions.filter(({ group }) => group !== '').map(named);

describe('whatever a client sends, no hook fails on', () => {
  it.each(others)('%s', (_, definition) => {
    const { strategy, subresources, versions } = definition;
    for (const version of versions) {
      const toStored = (object: object): any => {
        version.defaults?.(object);
        return version.toStorage?.(object) ?? object;
      };
      const run = (first: object, second: object): void => {
        const [object, old] = [toStored(first), toStored(second)];
        strategy.prepareForCreate?.(old, CONTEXT);
        strategy.validate(old, CONTEXT).map(String);
        strategy.warnings?.(old, undefined, CONTEXT);
        for (const view of [strategy, ...subresources.map((each) => each.strategy)]) {
          const next = structuredClone(object);
          view?.prepareForUpdate?.(next, old, CONTEXT);
          view?.validateUpdate?.(next, old, CONTEXT).map(String);
          view?.warnings?.(next, old, CONTEXT);
        }
        for (const column of version.columns) column.cell(object, NOW);
        for (const field of Object.values(strategy.selectableFields)) field(object);
      };
      fc.assert(fc.property(objectsOf(definition, version), objectsOf(definition, version), run), runs);
    }
  });
});

const converted = definitions.filter(({ versions }) => versions.some((each) => each.fromStorage)).map(named);
/** Their tests say what is kept: in v1 the order of metrics is not. */
const NOT_IDENTICAL = new Set(['horizontalpodautoscalers.autoscaling']);

describe('what server-side apply has of an object can be converted', () => {
  it.each(converted)('%s', (_, { group, kind, versions, storageVersion }) => {
    for (const { version, toStorage, fromStorage } of versions.filter((each) => each.fromStorage)) {
      for (const part of [{}, { spec: {} }, { status: {} }]) {
        const stored = toStorage!({ kind, apiVersion: formatApiVersion({ group, version }), ...part });
        expect(fromStorage!({ kind, apiVersion: stored.apiVersion, ...part })).toMatchObject({
          kind,
          apiVersion: formatApiVersion({ group, version }),
        });
        if (group !== 'events.k8s.io')
          expect(stored.apiVersion).toBe(formatApiVersion({ group, version: storageVersion }));
      }
    }
  });
});

describe('no version of a kind loses what is stored', () => {
  it.each(converted.filter(([name]) => !NOT_IDENTICAL.has(name)))('%s', (_, definition) => {
    for (const version of definition.versions.filter((each) => each.fromStorage)) {
      const run = (object: any): void => {
        version.defaults?.(object);
        const stored = version.toStorage!(object);
        expect(version.toStorage!(version.fromStorage!(stored))).toEqual(stored);
      };
      fc.assert(fc.property(objectsOf(definition, version), run), runs);
    }
  });
});
