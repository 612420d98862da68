import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { definitions } from '@pilothouse/api';
import {
  decodeJsonValue,
  formatApiVersion,
  StatusError,
  storedVersion,
  type KubeObject,
  type ResourceDefinition,
  type SubresourceDefinition,
  type VersionDefinition,
} from '@pilothouse/apimachinery';
import type { ResourceStore, StoredObject } from '@pilothouse/storage';
import { afterAll, describe, expect, it } from 'vitest';
import { withExpressionChecks } from '../../admission/policies/with-expression-checks.ts';
import { withRuleChecks } from '../custom-resources/index.ts';
import { fillSystemMetadata } from '../metadata.ts';
import { keyOf, ObjectRegistry } from '../object-registry.ts';
import { applyDefaults } from '../storage-codec.ts';
import { transientObject } from '../transient-object.ts';
import type { WriteContext } from '../write-context.ts';
import { changed, type Change } from './changed.ts';

/**
 * Tables of what validation refuses, one file a subject: the first line is a valid object, each other line a change
 * and every cause that upstream's validation answers with, in its order. Without causes the change is let through: it
 * goes as far as one can. `REWRITE=1` writes the causes anew; read the difference against upstream before believing it.
 */

const NOW = new Date('2026-05-01T12:00:00Z');
const TITLE_LENGTH = 120;
const UID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
const FOLDER = new URL('.', import.meta.url);

/** What a cause's message begins with, by its reason. */
const HEADLINES: Readonly<Record<string, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

/** A row of a table: create, update or the name of a subresource; what is changed in the valid object; the causes. */
type Row = [write: string, change: Change, ...causes: string[]];

for (const file of readdirSync(FOLDER).filter((each) => each.endsWith('.jsonl'))) {
  const lines = readFileSync(new URL(file, FOLDER), 'utf8').trim().split('\n');
  const [valid, ...rows] = lines.map((line) => JSON.parse(line) as unknown) as [KubeObject, ...Row[]];
  const kind = kindOf(valid);
  const written = ([write, change]: Row) =>
    write === 'create' ? kind.create(changed(valid, change)) : kind.update(valid, change, write);

  describe(file, () => {
    it('is valid as it stands', async () => {
      await expect(kind.create(valid)).resolves.toBeDefined();
    });

    it.skipIf(process.env['REWRITE'])('has rows, each once', () => {
      expect(new Set(rows.map(([write, change]) => JSON.stringify([write, change]))).size).toBe(rows.length);
    });

    it.each(rows.map((row) => [titleOf(row), row] as const))('%s', async (_title, row) => {
      const [, , ...causes] = row;
      const actual = await causesOf(written(row));
      if (process.env['REWRITE']) row.splice(2, row.length, ...actual);
      else expect(actual.join('\n')).toBe(causes.join('\n'));
    });
  });

  if (process.env['REWRITE']) {
    afterAll(() => {
      const text = [valid, ...rows].map((each) => `${JSON.stringify(each)}\n`).join('');
      writeFileSync(new URL(file, FOLDER), text);
    });
  }
}

interface Kind {
  create(object: KubeObject): Promise<StoredObject>;
  update(valid: KubeObject, change: Change, subresource?: string): Promise<StoredObject>;
}

/** The registry of a kind over a store that remembers one object: everything a write does but admission and etcd. */
function kindOf({ apiVersion, kind }: KubeObject): Kind {
  const { definition, version } = definitionOf(apiVersion!, kind!);
  const registry = new ObjectRegistry(definition, storeOf(), storedSchema(definition));
  const storedForm = (object: KubeObject): KubeObject => {
    const decoded = decodeJsonValue(version.schema, object).object;
    applyDefaults(version, decoded);
    return version.toStorage?.(decoded) ?? decoded;
  };
  return {
    create: (object) => {
      const stored = storedForm(object);
      fillSystemMetadata(stored, NOW);
      return registry.create(stored, contextOf(definition, version));
    },
    async update(valid, change, name) {
      const stored = storedForm(valid);
      fillSystemMetadata(stored, NOW);
      const context = contextOf(definition, version);
      const { key } = await registry.create(stored, context);
      const subresource = definition.subresources.find((each) => each.name === name);
      const produce = (current: StoredObject | undefined) => {
        const view = version.fromStorage?.(current!.object) ?? current!.object;
        return storedForm(changed(view, change));
      };
      const options = subresource ? { subresource: subresource satisfies SubresourceDefinition } : {};
      return (await registry.update(key, produce, context, { allowUnconditional: true, ...options })).object;
    },
  };
}

function storeOf(): ResourceStore {
  let stored: StoredObject | undefined;
  const keep = (object: KubeObject, revision: number) => {
    const versioned = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    return (stored = transientObject(keyOf(object), versioned, revision, undefined as never));
  };
  return {
    create: async (_key: unknown, object: KubeObject) => keep(object, 1),
    update: async (_key: unknown, change: (current: StoredObject | undefined) => KubeObject | Promise<KubeObject>) =>
      keep(await change(stored), 2),
  } as Partial<ResourceStore> as ResourceStore;
}

function definitionOf(
  apiVersion: string,
  kind: string,
): { definition: ResourceDefinition; version: VersionDefinition } {
  for (const definition of definitions) {
    if (definition.kind !== kind) continue;
    for (const version of definition.versions) {
      if (formatApiVersion({ group: definition.group, version: version.version }) !== apiVersion) continue;
      const checked =
        kind === 'CustomResourceDefinition' ? withRuleChecks(definition) : withExpressionChecks(definition);
      return { definition: checked, version };
    }
  }
  throw new Error(`${apiVersion} ${kind} is not served`);
}

/** Of two views on the same objects, the core one says how they are stored. */
function storedSchema({ storagePrefix }: ResourceDefinition) {
  return storedVersion(definitions.find((each) => each.storagePrefix === storagePrefix)!).schema;
}

function contextOf(definition: ResourceDefinition, { version }: VersionDefinition): WriteContext {
  const user = { name: 'alice', groups: ['system:authenticated'] };
  return { now: NOW, user, namespace: definition.namespaced ? 'default' : '', version, dryRun: false, warn: () => {} };
}

/** Of a write that is let through there are none. The type of each cause must be what its message begins with. */
async function causesOf(write: Promise<unknown>): Promise<string[]> {
  try {
    await write;
    return [];
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { code, reason, details, message } = error.status;
    expect({ code, reason }, message).toEqual({ code: 422, reason: 'Invalid' });
    const causes = details?.causes ?? [];
    for (const cause of causes) expect(HEADLINES[cause.reason!], cause.reason).toContain(cause.message!.split(':')[0]);
    // Each run has others.
    return causes.map(({ field, message: text }) => `${field}: ${text}`.replaceAll(UID, '<uid>'));
  }
}

function titleOf([write, change]: Row): string {
  const text = `${write} ${JSON.stringify(change)}`;
  return text.length > TITLE_LENGTH ? `${text.slice(0, TITLE_LENGTH)}…` : text;
}
