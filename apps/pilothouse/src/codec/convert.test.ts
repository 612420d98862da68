import { describe, expect, test } from 'vitest';
import { convert, ENCODINGS } from './convert.ts';

const configMap = Buffer.from(
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: default\ndata:\n  colour: blue\n',
);

describe('codec', () => {
  test.each(ENCODINGS)('an object that goes through %s comes back the same', (encoding) => {
    const json = convert(configMap, 'yaml', 'json');
    const there = convert(json, 'json', encoding);
    expect(convert(there, encoding, 'json').equals(json)).toBe(true);
  });

  test('what stands in etcd starts with the Protobuf magic for ConfigMaps and is JSON for CRDs', () => {
    expect(convert(configMap, 'yaml', 'etcd').subarray(0, 4).toString('latin1')).toBe('k8s\0');
    const crd = Buffer.from(
      '{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"a.b"}}',
    );
    expect(convert(crd, 'json', 'etcd').toString()).toMatch(/^\{"kind":"CustomResourceDefinition"/);
  });

  test.each([
    ['{"apiVersion":"v1","kind":"Nothing"}', 'no kind "Nothing" is built in for version "v1"'],
    ['{}', 'the object has no apiVersion and kind'],
    ['{"apiVersion":', 'unexpected end of JSON input'],
  ])('%s is refused', (text, message) => {
    expect(() => convert(Buffer.from(text), 'json', 'yaml')).toThrow(message);
  });
});
