import { describe, expect, it } from 'vitest';
import type { JwtConfiguration } from './authentication-configuration.ts';
import { userOf } from './jwt-authenticator.ts';
import { validateAuthentication } from './validate-authentication.ts';

const CLAIMS = {
  ...{ iss: 'https://issuer', sub: '42', email: 'jane@example.com', email_verified: true, hd: 'example.com' },
  ...{ roles: ['dev', 'ops'], team: 'blue', level: 3 },
};
const user = (configuration: Omit<JwtConfiguration, 'issuer'>, claims: object = {}) =>
  userOf({ claimMappings: { username: { claim: 'sub', prefix: '' } }, ...configuration }, { ...CLAIMS, ...claims });

describe('the user that claims make', () => {
  it('is named by claims with prefixes', () => {
    const claimMappings = {
      username: { claim: 'email', prefix: 'oidc:' },
      groups: { claim: 'roles', prefix: 'g:' },
      uid: { claim: 'sub' },
    };
    expect(user({ claimMappings })).toEqual({ name: 'oidc:jane@example.com', uid: '42', groups: ['g:dev', 'g:ops'] });
    const one = { claimMappings: { ...claimMappings, groups: { claim: 'team', prefix: '' } } };
    expect(user(one).groups).toEqual(['blue']);
    expect(() => user({ claimMappings }, { email_verified: false })).toThrow('email not verified');
  });

  it('is named by expressions', () => {
    const claimMappings = {
      username: { expression: "claims.email.split('@')[0]" },
      groups: { expression: "claims.roles.map(r, 'team:' + r)" },
      uid: { expression: 'claims.sub' },
      extra: [
        { key: 'example.com/team', valueExpression: 'claims.team' },
        { key: 'example.com/none', valueExpression: "has(claims.nothing) ? claims.nothing : ''" },
      ],
    };
    expect(user({ claimMappings })).toEqual({
      name: 'jane',
      uid: '42',
      groups: ['team:dev', 'team:ops'],
      extra: { 'example.com/team': ['blue'] },
    });
  });

  it.each<[string, Omit<JwtConfiguration, 'issuer'>, string]>([
    [
      'a claim has another value',
      { claimValidationRules: [{ claim: 'hd', requiredValue: 'other.com' }] },
      'required claim hd',
    ],
    [
      'a rule does not hold',
      { claimValidationRules: [{ expression: 'claims.level > 5', message: 'level is too low' }] },
      'level is too low',
    ],
    [
      'the user is not allowed',
      { userValidationRules: [{ expression: "!user.username.startsWith('4')", message: 'no such names' }] },
      'no such names',
    ],
    ['there is no name', { claimMappings: { username: { claim: 'nothing', prefix: '' } } }, 'username'],
    [
      'groups are no texts',
      { claimMappings: { username: { claim: 'sub', prefix: '' }, groups: { expression: '[1, 2]' } } },
      'groups must be',
    ],
  ])('is none when %s', (_what, configuration, why) => {
    expect(() => user(configuration)).toThrow(why);
  });
});

describe('a configuration', () => {
  const issuer = { url: 'https://issuer.example.com', audiences: ['a'] };
  const claimMappings = { username: { claim: 'sub', prefix: '' } };
  const problems = (over: object, own: string[] = []) =>
    validateAuthentication({ jwt: [{ issuer, claimMappings, ...over }] }, own).map(String);

  it.each<[object, string[]]>([
    [{}, []],
    [
      { issuer: {} },
      [
        'jwt[0].issuer.url: Required value',
        'jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required',
      ],
    ],
    [
      { issuer: { ...issuer, url: 'http://x?y' } },
      [
        'jwt[0].issuer.url: Invalid value: "http://x?y": URL scheme must be https',
        'jwt[0].issuer.url: Invalid value: "http://x?y": URL must not contain a query',
      ],
    ],
    [
      { issuer: { ...issuer, audiences: ['a', 'b'] } },
      [
        'jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences',
      ],
    ],
    [
      { claimMappings: { username: { claim: 'sub' } } },
      [
        'jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
      ],
    ],
    [{ claimMappings: {} }, ['jwt[0].claimMappings.username: Required value: claim or expression is required']],
    [
      { claimValidationRules: [{ expression: '"text"' }] },
      ['jwt[0].claimValidationRules[0].expression: Invalid value: "\\"text\\"": must evaluate to bool'],
    ],
    [
      { claimMappings: { ...claimMappings, extra: [{ key: 'kubernetes.io/x', valueExpression: "'a'" }] } },
      [
        'jwt[0].claimMappings.extra[0].key: Invalid value: "kubernetes.io/x": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
      ],
    ],
  ])('%j', (over, expected) => {
    expect(problems(over)).toEqual(expected);
  });

  it('does not believe in the cluster’s own name', () => {
    expect(problems({}, [issuer.url])[0]).toContain('URL must not overlap with disallowed issuers');
  });
});
