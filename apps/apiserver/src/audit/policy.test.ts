import { describe, expect, it } from 'vitest';
import { parseRequestInfo } from '../request-info.ts';
import { validatePolicy } from './validate-policy.ts';
import { auditDecision, type AuditPolicy, type AuditRule } from './policy.ts';

const request = (method: string, path: string, user = 'alice', groups: string[] = []) => ({
  info: parseRequestInfo(method, path, path.slice(1).split('/'), new URLSearchParams()),
  user: { name: user, groups },
});

const policy = (...rules: AuditRule[]): AuditPolicy => ({
  rules,
  omitStages: ['RequestReceived'],
  omitManagedFields: false,
});
const level = (rule: Partial<AuditRule>, ...args: Parameters<typeof request>) =>
  auditDecision(policy({ level: 'Request', ...rule }), request(...args)).level;

const SECRETS = '/api/v1/namespaces/default/secrets';

describe('auditDecision', () => {
  it('takes the first rule that fits', () => {
    const rules = policy(
      { level: 'None', users: ['system:kube-proxy'] },
      { level: 'Metadata', resources: [{ group: '', resources: ['secrets'] }] },
      { level: 'RequestResponse' },
    );
    expect(auditDecision(rules, request('GET', SECRETS, 'system:kube-proxy')).level).toBe('None');
    expect(auditDecision(rules, request('GET', SECRETS)).level).toBe('Metadata');
    expect(auditDecision(rules, request('GET', '/version')).level).toBe('RequestResponse');
  });

  it('writes nothing down when no rule fits', () => {
    expect(level({ users: ['bob'] }, 'GET', SECRETS)).toBe('None');
  });

  it('tells resources from subresources', () => {
    const log = '/api/v1/namespaces/default/pods/a/log';
    expect(level({ resources: [{ resources: ['pods'] }] }, 'GET', log)).toBe('None');
    expect(level({ resources: [{ resources: ['pods/log'] }] }, 'GET', log)).toBe('Request');
    expect(level({ resources: [{ resources: ['pods/*'] }] }, 'GET', log)).toBe('Request');
    expect(level({ resources: [{ resources: ['*'] }] }, 'GET', log)).toBe('Request');
    expect(level({ resources: [{ resources: ['*/log'] }] }, 'GET', log)).toBe('Request');
    expect(level({ resources: [{ resources: ['*/exec'] }] }, 'GET', log)).toBe('None');
  });

  it('minds verbs, groups, namespaces and paths', () => {
    expect(level({ verbs: ['delete'] }, 'GET', SECRETS)).toBe('None');
    expect(level({ userGroups: ['dev'] }, 'GET', SECRETS, 'alice', ['dev'])).toBe('Request');
    expect(level({ namespaces: ['kube-system'] }, 'GET', SECRETS)).toBe('None');
    expect(level({ nonResourceURLs: ['/healthz*'] }, 'GET', '/healthz/ping')).toBe('Request');
    expect(level({ nonResourceURLs: ['/healthz*'] }, 'GET', SECRETS)).toBe('None');
  });

  it('adds up the stages to leave out', () => {
    const { omitStages } = auditDecision(
      policy({ level: 'Metadata', omitStages: ['ResponseStarted'] }),
      request('GET', SECRETS),
    );
    expect([...omitStages]).toEqual(['RequestReceived', 'ResponseStarted']);
  });
});

describe('a policy', () => {
  it.each<[object, string[]]>([
    [{ level: 'Metadata' }, []],
    [{ level: '' }, ['rules[0].level: Required value']],
    [
      { level: 'Everything' },
      [
        'rules[0].level: Unsupported value: "Everything": supported values: "None", "Metadata", "Request", "RequestResponse"',
      ],
    ],
    [
      { level: 'None', nonResourceURLs: ['healthz', '/a*b'], namespaces: ['x'] },
      [
        `rules[0].nonResourceURLs[0]: Invalid value: "healthz": non-resource URL rules must begin with a '/' character`,
        `rules[0].nonResourceURLs[1]: Invalid value: "/a*b": non-resource URL wildcards '*' must be the final character of the rule`,
        'rules[0].nonResourceURLs: Invalid value: ["healthz","/a*b"]: rules cannot apply to both regular resources and non-resource URLs',
      ],
    ],
    [
      { level: 'None', resources: [{ resourceNames: ['a'] }], omitStages: ['Never'] },
      [
        'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
        'rules[0].omitStages[0]: Invalid value: "Never": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
      ],
    ],
  ])('with the rule %j', (rule, problems) => {
    expect(validatePolicy({ rules: [rule as AuditRule] }).map(String)).toEqual(problems);
  });
});
