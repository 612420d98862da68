import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuthorizationAttributes } from '../authorizer.ts';
import type { PolicyRule } from '../rule-resolver.ts';
import { ruleAllows } from './rule-allows.ts';
import { describeRules, uncoveredRules } from './rules-cover.ts';

const ask = (over: Partial<AuthorizationAttributes>): AuthorizationAttributes => ({
  user: { name: 'u', groups: [] },
  verb: 'get',
  isResource: true,
  path: '',
  apiGroup: '',
  apiVersion: 'v1',
  namespace: 'default',
  resource: 'pods',
  subresource: '',
  name: '',
  ...over,
});

const rule = (over: Partial<PolicyRule>): PolicyRule => ({
  verbs: ['get'],
  apiGroups: [''],
  resources: ['pods'],
  ...over,
});

describe('ruleAllows', () => {
  it('asks for verb, group and resource together', () => {
    expect(ruleAllows(rule({}), ask({}))).toBe(true);
    expect(ruleAllows(rule({}), ask({ verb: 'list' }))).toBe(false);
    expect(ruleAllows(rule({}), ask({ apiGroup: 'apps' }))).toBe(false);
    expect(
      ruleAllows(rule({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }), ask({ verb: 'x', apiGroup: 'y' })),
    ).toBe(true);
  });

  it('takes a subresource for a resource of its own', () => {
    expect(ruleAllows(rule({}), ask({ subresource: 'log' }))).toBe(false);
    expect(ruleAllows(rule({ resources: ['pods/log'] }), ask({ subresource: 'log' }))).toBe(true);
    expect(ruleAllows(rule({ resources: ['*/scale'] }), ask({ resource: 'deployments', subresource: 'scale' }))).toBe(
      true,
    );
  });

  it('minds names, which a list has none of', () => {
    const named = rule({ resourceNames: ['a'] });
    expect(ruleAllows(named, ask({ name: 'a' }))).toBe(true);
    expect(ruleAllows(named, ask({ name: 'b' }))).toBe(false);
    expect(ruleAllows(named, ask({ name: '' }))).toBe(false);
  });

  it('matches paths exactly or up to a star', () => {
    const urls = { verbs: ['get'], nonResourceURLs: ['/healthz', '/api/*'] };
    const path = (text: string) => ask({ isResource: false, path: text });
    expect(ruleAllows(urls, path('/healthz'))).toBe(true);
    expect(ruleAllows(urls, path('/healthz/ping'))).toBe(false);
    expect(ruleAllows(urls, path('/api/v1'))).toBe(true);
    expect(ruleAllows(urls, ask({}))).toBe(false);
  });
});

describe('uncoveredRules', () => {
  const words = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', '*'), { minLength: 1 });
  const rules = fc.array(fc.record({ verbs: words, apiGroups: words, resources: words }), { maxLength: 4 });

  it('never finds anything missing in what one has oneself', () => {
    fc.assert(fc.property(rules, (own) => uncoveredRules(own, own).length === 0));
  });

  it('finds nothing missing in any part of what one has', () => {
    fc.assert(fc.property(rules, rules, (a, b) => uncoveredRules([...a, ...b], b).length === 0));
  });

  it('names what is missing as upstream prints it', () => {
    const missing = uncoveredRules([rule({})], [rule({ verbs: ['get', 'delete'] })]);
    expect(describeRules(missing)).toBe('{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}');
  });

  it('are described by what they are about, sorted', () => {
    const missing = uncoveredRules(
      [],
      [
        rule({ resources: ['pods', 'nodes'], verbs: ['list', 'get'] }),
        { verbs: ['get', 'post'], nonResourceURLs: ['/x'] },
        rule({ resources: ['pods'], verbs: ['get'], resourceNames: ['a'] }),
      ],
    );
    expect(describeRules(missing).split('\n')).toEqual([
      '{APIGroups:[""], Resources:["nodes"], Verbs:["list" "get"]}',
      '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["get"]}',
      '{APIGroups:[""], Resources:["pods"], Verbs:["list" "get"]}',
      '{NonResourceURLs:["/x"], Verbs:["get"]}',
      '{NonResourceURLs:["/x"], Verbs:["post"]}',
    ]);
  });

  it('does not take a named permission for a general one', () => {
    expect(uncoveredRules([rule({ resourceNames: ['a'] })], [rule({})])).toHaveLength(1);
    expect(uncoveredRules([rule({})], [rule({ resourceNames: ['a'] })])).toHaveLength(0);
  });
});
