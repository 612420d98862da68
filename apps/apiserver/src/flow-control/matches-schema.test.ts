import type { FlowSchema } from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { parseRequestInfo } from '../request-info.ts';
import { matcherOf } from './matches-schema.ts';

const EVERYBODY = [{ kind: 'Group', group: { name: '*' } }];
const PODS = { verbs: ['*'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] };

function matches(rule: object, method: string, path: string, user = 'alice', groups: string[] = []): boolean {
  const schema = { metadata: { name: 's' }, spec: { rules: [rule] } } as unknown as FlowSchema;
  const info = parseRequestInfo(method, path, path.slice(1).split('/'), new URLSearchParams());
  return matcherOf(schema)(info, { name: user, groups });
}

describe('subjects', () => {
  const asked = (subject: object, user: string, groups?: string[]) =>
    matches({ subjects: [subject], resourceRules: [PODS] }, 'GET', '/api/v1/namespaces/a/pods', user, groups);
  const account = (name: string) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'ns', name } });

  it.each<[object, string, string[], boolean]>([
    [{ kind: 'User', user: { name: 'alice' } }, 'alice', [], true],
    [{ kind: 'User', user: { name: 'alice' } }, 'bob', [], false],
    [{ kind: 'User', user: { name: '*' } }, 'bob', [], true],
    [{ kind: 'Group', group: { name: 'dev' } }, 'bob', ['ops', 'dev'], true],
    [{ kind: 'Group', group: { name: 'dev' } }, 'dev', [], false],
    [account('builder'), 'system:serviceaccount:ns:builder', [], true],
    [account('builder'), 'system:serviceaccount:other:builder', [], false],
    [account('*'), 'system:serviceaccount:ns:any', [], true],
    [account('*'), 'system:serviceaccount:ns2:any', [], false],
    [{ kind: 'User' }, 'alice', [], false],
  ])('%j and %s %j: %s', (subject, user, groups, expected) => {
    expect(asked(subject, user, groups)).toBe(expected);
  });
});

describe('resource rules', () => {
  const asked = (rule: object, method: string, path: string) =>
    matches({ subjects: EVERYBODY, resourceRules: [{ ...PODS, ...rule }] }, method, path);

  it.each<[object, string, string, boolean]>([
    [{}, 'GET', '/api/v1/namespaces/a/pods/x', true],
    [{}, 'GET', '/api/v1/namespaces/a/pods/x/log', false],
    [{ resources: ['pods/log'] }, 'GET', '/api/v1/namespaces/a/pods/x/log', true],
    [{ verbs: ['list'] }, 'GET', '/api/v1/namespaces/a/pods', true],
    [{ verbs: ['list'] }, 'DELETE', '/api/v1/namespaces/a/pods', false],
    [{ namespaces: ['b'] }, 'GET', '/api/v1/namespaces/a/pods', false],
    // Of all namespaces at once: cluster scope, which `*` does not have in it.
    [{}, 'GET', '/api/v1/pods', false],
    [{ clusterScope: true }, 'GET', '/api/v1/pods', true],
    [{ apiGroups: ['apps'] }, 'GET', '/api/v1/namespaces/a/pods', false],
    [{}, 'GET', '/version', false],
  ])('%j and %s %s: %s', (rule, method, path, expected) => {
    expect(asked(rule, method, path)).toBe(expected);
  });
});

describe('paths', () => {
  const asked = (url: string, path: string) =>
    matches({ subjects: EVERYBODY, nonResourceRules: [{ verbs: ['get'], nonResourceURLs: [url] }] }, 'GET', path);

  it.each<[string, string, boolean]>([
    ['*', '/anything', true],
    ['/healthz', '/healthz', true],
    ['/healthz', '/healthz/etcd', true],
    ['/healthz', '/healthzy', false],
    ['/debug/*', '/debug/pprof', true],
    ['/debug/*', '/debugging', false],
    ['*', '/api/v1/pods', false],
  ])('%s and %s: %s', (url, path, expected) => {
    expect(asked(url, path)).toBe(expected);
  });
});
