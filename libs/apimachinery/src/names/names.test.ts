import { describe, expect, it } from 'vitest';
import { fieldPath } from '../validation/field-error.ts';
import { isDNS1035Label, isDNS1123Label, isDNS1123Subdomain, isWildcardDNS1123Subdomain } from './dns.ts';
import { generateName, randomSuffix } from './generate-name.ts';
import { isConfigMapKey, isEnvVarName, isRelaxedEnvVarName, isValidPortName } from './identifiers.ts';
import { isLabelValue, isQualifiedName } from './label-syntax.ts';
import { validateFieldManager } from './managed-fields.ts';
import { nameIsDNSSubdomain } from './name-rule.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts';

const texts = (errors: readonly { toString(): string }[]) => errors.map(String);

describe('DNS names', () => {
  it('say what is wrong in full', () => {
    expect(isDNS1123Subdomain('Bad_Name')).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ]);
    expect(isDNS1123Label('a.b')).toEqual(['must not contain dots']);
    expect(isDNS1123Label('-')[0]).toContain("(e.g. 'my-name',  or '123-abc', regex used");
    expect(isDNS1123Label('a'.repeat(64))).toEqual(['must be no more than 63 bytes']);
  });

  it('accept what is right', () => {
    expect(['a', 'a-b', '1a', 'a.b.c'].flatMap(isDNS1123Subdomain)).toEqual([]);
    expect(isDNS1035Label('1a')).toHaveLength(1);
    expect(isWildcardDNS1123Subdomain('*.a.b')).toEqual([]);
    expect(nameIsDNSSubdomain('web-', true)).toEqual([]);
    expect(nameIsDNSSubdomain('-', true)).toHaveLength(1);
  });

  it('answer at once on hostile input', () => {
    const started = performance.now();
    isDNS1123Subdomain(`${'a-'.repeat(200_000)}!`);
    isQualifiedName(`${'a.'.repeat(200_000)}!`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

it('label keys and values', () => {
  expect(['app', 'a.b/c', 'A_b-c.d', 'x/y'].flatMap(isQualifiedName)).toEqual([]);
  expect(isQualifiedName('/x')).toEqual(['prefix part must be non-empty']);
  expect(isQualifiedName('')).toHaveLength(2);
  expect(isLabelValue('')).toEqual([]);
  expect(isLabelValue('a b')).toHaveLength(1);
});

it('identifiers', () => {
  expect(isEnvVarName('1A')).toHaveLength(1);
  expect(isRelaxedEnvVarName('1 A!')).toEqual([]);
  expect(isRelaxedEnvVarName('A=B')).toHaveLength(1);
  expect(isConfigMapKey('..x')).toEqual(["must not start with '..'"]);
  expect(isValidPortName('http-8080')).toEqual([]);
  expect(isValidPortName('8080')).toEqual(['must contain at least one letter (a-z)']);
  expect(texts(validateFieldManager('a\nb', fieldPath('fieldManager')))).toEqual([
    'fieldManager: Invalid value: "a\\nb": invalid character U+000A (at position 1)',
  ]);
});

it('generated names stay DNS labels', () => {
  expect(generateName('a'.repeat(80), () => 0)).toBe(`${'a'.repeat(58)}bbbbb`);
  expect(randomSuffix(() => 0.999)).toBe('99999');
});

describe('object metadata', () => {
  it('needs a name, and a namespace exactly where there is one', () => {
    expect(texts(validateObjectMeta({ metadata: {} }, true))).toEqual([
      'metadata.name: Required value: name or generateName is required',
      'metadata.namespace: Required value',
    ]);
    expect(texts(validateObjectMeta({ metadata: { name: 'a', namespace: 'b' } }, false))).toEqual([
      'metadata.namespace: Forbidden: not allowed on this type',
    ]);
  });

  it('checks owners, finalizers and annotations', () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: '1', controller: true };
    expect(
      texts(
        validateObjectMeta(
          {
            metadata: {
              name: 'a',
              finalizers: ['orphan', 'foregroundDeletion'],
              annotations: { A: 'x'.repeat(256 * 1024) },
              ownerReferences: [owner, { ...owner, name: 'd' }].map((each) => ({ ...each, uid: '' })),
            },
          },
          false,
        ),
      ).map((text) => text.replace(/\[\{.*\}\]/, '[…]')),
    ).toEqual([
      'metadata.annotations: Too long: may not be more than 262144 bytes',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      'metadata.ownerReferences: Invalid value: […]: Only one reference can have Controller set to true. Found "true" in references for ConfigMap/c and ConfigMap/d',
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ]);
  });

  it('keeps identity on update', () => {
    const old = { metadata: { name: 'a', uid: '1', resourceVersion: '5', generation: 2, deletionTimestamp: 't' } };
    const next = { metadata: { name: 'b', uid: '1', generation: 1, deletionTimestamp: 't', finalizers: ['x/y'] } };
    expect(texts(validateObjectMetaUpdate(next, old))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/y"}',
      'metadata.resourceVersion: Invalid value: "": must be specified for an update',
      'metadata.generation: Invalid value: 1: must not be decremented',
      'metadata.name: Invalid value: "b": field is immutable',
    ]);
  });
});
