import { describe, expect, it } from 'vitest';
import { decodeContinueToken, encodeContinueToken, keyAfter } from './continue-token.ts';

const encode = (token: unknown) => Buffer.from(JSON.stringify(token)).toString('base64url');

describe('continue tokens', () => {
  it('have the format of upstream', () => {
    const token = encodeContinueToken({ revision: 12, start: keyAfter('default/web') });
    expect(Buffer.from(token, 'base64url').toString()).toBe(
      '{"v":"meta.k8s.io/v1","rv":12,"start":"default/web\\u0000"}',
    );
    expect(decodeContinueToken(token)).toEqual({ revision: 12, start: 'default/web\0' });
  });

  it.each([
    ['%%%', 'continue key is not valid: illegal base64 data'],
    ['bm90IGpzb24', 'continue key is not valid'],
    [
      encode({ v: 'meta.k8s.io/v2', rv: 1, start: 'a' }),
      'server does not recognize this encoded version meta.k8s.io/v2',
    ],
    [encode({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' }), 'incorrect encoded start resourceVersion'],
    [encode({ v: 'meta.k8s.io/v1', rv: 1, start: '' }), 'encoded start key empty'],
    [encode({ v: 'meta.k8s.io/v1', rv: 1, start: '../secrets/x' }), 'continue key is not valid: ../secrets/x'],
    [encode({ v: 'meta.k8s.io/v1', rv: 1, start: 'a/../../b' }), 'continue key is not valid'],
    [encode(null), 'continue key is not valid'],
  ])('refuses %s', (token, message) => {
    expect(() => decodeContinueToken(token)).toThrow(message);
    expect(() => decodeContinueToken(token)).toThrow(expect.objectContaining({ code: 400 }));
  });
});
