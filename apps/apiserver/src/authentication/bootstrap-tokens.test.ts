import type { Secret } from '@pilothouse/api';
import { expect, it } from 'vitest';
import { userOf } from './bootstrap-tokens.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const ID = 'abcdef';
const SECRET = '0123456789abcdef';

function secret(changes: Record<string, string> = {}, type = 'bootstrap.kubernetes.io/token'): Secret {
  const data = { 'token-id': ID, 'token-secret': SECRET, 'usage-bootstrap-authentication': 'true', ...changes };
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { metadata: { name: `bootstrap-token-${ID}` }, type, data: Object.fromEntries(encoded) } as unknown as Secret;
}

it('is a bootstrapper, with the groups the Secret adds', () => {
  const extra = { 'auth-extra-groups': 'system:bootstrappers:worker,system:bootstrappers:eu' };
  expect(userOf(secret(extra), ID, SECRET, NOW)).toEqual({
    name: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers', 'system:bootstrappers:worker', 'system:bootstrappers:eu'],
  });
});

it('is nobody with another secret, or from another type of Secret', () => {
  expect(userOf(secret(), ID, 'f'.repeat(16), NOW)).toBeUndefined();
  expect(userOf(secret({}, 'Opaque'), ID, SECRET, NOW)).toBeUndefined();
});

it.each([
  [{ expiration: '2029-12-31T23:59:59Z' }],
  [{ expiration: 'tomorrow' }],
  [{ 'usage-bootstrap-authentication': 'false' }],
  [{ 'auth-extra-groups': 'system:masters' }],
])('is refused with %o', (changes) => {
  expect(() => userOf(secret(changes), ID, SECRET, NOW)).toThrow('Unauthorized');
});
