import { expect, it } from 'vitest';
import { parseTokenFile, staticTokens } from './token-file.ts';

it('reads token, user, uid and quoted groups', () => {
  const users = parseTokenFile('abc,alice,1,"dev,ops"\n\n# a comment\ndef,bob,2\n', 'tokens.csv');
  expect(users.get('abc')).toEqual({ name: 'alice', uid: '1', groups: ['dev', 'ops'] });
  expect(users.get('def')).toEqual({ name: 'bob', uid: '2', groups: [] });
});

it('says which line it cannot read', () => {
  expect(() => parseTokenFile('abc,alice,1\nabc', 'tokens.csv')).toThrow(
    'tokens.csv:2: expected at least token,user,uid',
  );
});

it('knows a token by the whole of it', async () => {
  const tokens = staticTokens(parseTokenFile('abc,alice,1', 'tokens.csv'));
  expect((await tokens.authenticateToken('abc'))?.name).toBe('alice');
  expect(await tokens.authenticateToken('ab')).toBeUndefined();
});
