import {
  createCodec,
  decodeJsonValue,
  formatApiVersion,
  storedVersion,
  type ResourceDefinition,
} from '@pilothouse/apimachinery';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryOf } from './arbitrary-object.ts';
import { definitions } from './definitions.ts';

const named = definitions.map((each): [string, ResourceDefinition] => [`${each.resource}.${each.group}`, each]);

/** Protobuf cannot tell an empty list from none, so a required one that was empty is read as null, as upstream's is. */
const emptyIsNull = (json: string): string => json.replaceAll(/:(\[\]|\{\})/g, ':null');

describe('what is stored is what is read, to the order of its fields', () => {
  it.each(named)('%s', (_, definition) => {
    const { version, schema } = storedVersion(definition);
    const codec = createCodec(schema);
    const typeMeta = { apiVersion: formatApiVersion({ group: definition.group, version }), kind: definition.kind };
    const check = (json: unknown): void => {
      const normal = decodeJsonValue(schema, { ...(json as object), ...typeMeta }).object;
      const read =
        definition.storageEncoding === 'protobuf'
          ? codec.decodeProtobuf(codec.encodeProtobuf(normal))
          : codec.decodeJson(codec.encodeJson(normal).toString()).object;
      expect(emptyIsNull(JSON.stringify(read))).toBe(emptyIsNull(JSON.stringify(normal)));
    };
    fc.assert(fc.property(arbitraryOf(schema), check), { numRuns: 60 });
  });
});
