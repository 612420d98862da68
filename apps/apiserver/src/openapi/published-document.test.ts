import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PublishedDocument, wantedRepresentation } from './published-document.ts';

describe('wantedRepresentation', () => {
  it.each([
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'protobuf'],
    ['application/com.github.proto-openapi.spec.v2.v1.0+protobuf, application/json', 'protobuf'],
    ['application/json;q=0.9, application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'protobuf'],
    ['application/com.github.proto-openapi.spec.v3@v1.0+protobuf', undefined],
    ['text/html', undefined],
  ] as const)('for %s of a v2 document: %s', (accept, expected) => {
    expect(wantedRepresentation(accept, 'v2')).toBe(expected);
  });
});

describe('a published document', () => {
  it('has one form per media type, each with its own ETag', () => {
    const document = new PublishedDocument('v3', { openapi: '3.0.0', info: { title: 'T', version: 'v' } });
    const [json, protobuf] = [document.as('json'), document.as('protobuf')];
    expect(JSON.parse(gunzipSync(json.gzip).toString())).toEqual({
      openapi: '3.0.0',
      info: { title: 'T', version: 'v' },
    });
    expect(protobuf.contentType).toBe('application/com.github.proto-openapi.spec.v3.v1.0+protobuf');
    expect(protobuf.plain.toString('latin1')).toBe('\x0a\x053.0.0\x12\x06\x0a\x01T\x32\x01v');
    expect(protobuf.etag).not.toBe(json.etag);
    expect(json.etag).toBe(`"${document.hash}"`);
  });
});
