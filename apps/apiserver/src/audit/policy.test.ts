import { describe, expect, it } from 'vitest';
import { parseRequestInfo } from '../request-info.ts';
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
    expect(level({ resources: [{ resources: ['*'] }] }, 'GET', log)).toBe('None');
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
