import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCodec, parseApiVersion, unwrapEnvelope } from '@pilothouse/apimachinery';
import { describe, expect, test } from 'vitest';
import { schemaFor } from './schemas.ts';

// The same objects as Kubernetes itself writes them, in both encodings.
const vectors = join(import.meta.dirname, '../../../../shared/testdata/roundtrip');

describe.skipIf(!existsSync(vectors))('round trip of Kubernetes’ own objects', () => {
  const names = existsSync(vectors) ? readdirSync(vectors).filter((name) => name.endsWith('.json')) : [];

  test.each(names)('%s', (name) => {
    const jsonText = readFileSync(join(vectors, name), 'utf8');
    const protobuf = readFileSync(join(vectors, name.replace(/json$/, 'pb')));
    const { apiVersion, kind } = unwrapEnvelope(protobuf);
    const { group, version } = parseApiVersion(apiVersion);
    const codec = createCodec(schemaFor(group, version, kind)!);

    const fromProtobuf = codec.decodeProtobuf(protobuf);
    const { object: fromJson, strictErrors } = codec.decodeJson(jsonText);

    expect(strictErrors).toEqual([]);
    expect(fromProtobuf).toEqual(JSON.parse(jsonText));
    expect(JSON.stringify(fromProtobuf)).toBe(JSON.stringify(JSON.parse(jsonText)));
    expect(fromJson).toEqual(fromProtobuf);
    expect(codec.encodeProtobuf(fromJson).equals(protobuf)).toBe(true);
  });
});
