import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainValue, ValueTransformer } from '@pilothouse/storage';
import { aesCbc } from './aes-cbc.ts';
import { aesGcm } from './aes-gcm.ts';
import { identity } from './identity.ts';
import { prefixTransformers } from './prefix-transformers.ts';
import { secretbox } from './secretbox.ts';

const KEY = '/registry/secrets/default/a';
const SECRET = Buffer.from('0123456789abcdef0123456789abcdef');
const OTHER = Buffer.from('fedcba9876543210fedcba9876543210');
const store = (transformer: ValueTransformer, value: Buffer, key = KEY) => transformer.toStorage(value, key) as Buffer;
const read = (transformer: ValueTransformer, value: Buffer, key = KEY) =>
  transformer.fromStorage(value, key) as PlainValue;

describe.each([
  ['aesgcm', aesGcm],
  ['aescbc', aesCbc],
  ['secretbox', secretbox],
] as const)('%s', (_name, cipher) => {
  it('gives back what it was given, never stores the same twice, and shows nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        const value = Buffer.concat([Buffer.from('k8s\0secret value'), bytes]);
        const stored = store(cipher(SECRET), value);
        expect(read(cipher(SECRET), stored)).toEqual({ value, stale: false });
        expect(stored.includes('secret value')).toBe(false);
        expect(store(cipher(SECRET), value).equals(stored)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  it('does not read what it cannot', () => {
    expect(() => read(cipher(SECRET), Buffer.from('short'))).toThrow('shorter than the required size');
  });
});

it('aesgcm and secretbox notice another key and a changed value, aesgcm another place too', () => {
  for (const cipher of [aesGcm, secretbox]) {
    const stored = store(cipher(SECRET), Buffer.from('value'));
    expect(() => read(cipher(OTHER), stored)).toThrow();
    stored[stored.length - 1]! ^= 1;
    expect(() => read(cipher(SECRET), stored)).toThrow();
  }
  expect(() => read(aesGcm(SECRET), store(aesGcm(SECRET), Buffer.from('value')), `${KEY}b`)).toThrow(
    'message authentication failed',
  );
});

it('secretbox is that of NaCl', () => {
  // The example of the NaCl distribution (tests/secretbox.c).
  const secret = Buffer.from('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389', 'hex');
  const nonce = '69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37';
  const boxed =
    'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5';
  expect(read(secretbox(secret), Buffer.from(nonce + boxed, 'hex')).value.toString('hex')).toMatch(/^be075fc53c81f2d5/);
});

describe('several providers', () => {
  const named = (name: string, transformer: ValueTransformer) => ({ prefix: `${name}:`, transformer });
  const value = Buffer.from('k8s\0value');

  it('write with the first and read what any of them wrote; what is not of the first is stale', () => {
    const before = prefixTransformers([named('old', aesGcm(OTHER))], 'none');
    const after = prefixTransformers([named('new', aesGcm(SECRET)), named('old', aesGcm(OTHER))], 'none');
    const stored = store(before, value);
    expect(stored.toString('latin1')).toMatch(/^old:/);
    expect(read(after, stored)).toEqual({ value, stale: true });
    expect(store(after, value).toString('latin1')).toMatch(/^new:/);
    expect(read(after, store(after, value))).toEqual({ value, stale: false });
    expect(() => read(before, store(after, value))).toThrow('none');
  });

  it('try keys of the same name one after the other', () => {
    const both = prefixTransformers([named('k', aesGcm(SECRET)), named('k', aesGcm(OTHER))], 'none');
    const old = prefixTransformers([named('k', aesGcm(OTHER))], 'none');
    expect(read(both, store(old, value))).toEqual({ value, stale: true });
  });

  it('lead away from encryption when identity comes first', () => {
    const encrypted = {
      prefix: 'k8s:enc:aesgcm:v1:',
      transformer: prefixTransformers([named('k', aesGcm(SECRET))], ''),
    };
    const plain = { prefix: '', transformer: identity };
    const stored = store(prefixTransformers([encrypted], 'none'), value);
    expect(read(prefixTransformers([plain, encrypted], 'none'), stored)).toEqual({ value, stale: true });
    expect(read(prefixTransformers([plain, encrypted], 'none'), value)).toEqual({ value, stale: false });
    expect(() => read(prefixTransformers([plain], 'no matching prefix found'), stored)).toThrow(
      'no matching prefix found',
    );
  });

  it('ask on when a service does not answer', async () => {
    const failing: ValueTransformer = {
      toStorage: (each) => each,
      fromStorage: () => Promise.reject(new Error('not there')),
    };
    const list = [named('k', failing), named('k', aesGcm(SECRET))];
    const stored = store(prefixTransformers([named('k', aesGcm(SECRET))], ''), value);
    await expect(prefixTransformers(list, 'none').fromStorage(stored, KEY)).resolves.toEqual({ value, stale: true });
    await expect(prefixTransformers([named('k', failing)], 'none').fromStorage(stored, KEY)).rejects.toThrow(
      'not there',
    );
  });
});
