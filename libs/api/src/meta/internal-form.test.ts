import { describe, expect, it } from 'vitest';
import { goName } from './go-name.ts';
import { internalForm } from './internal-form.ts';

describe('internalForm', () => {
  it('shows every field, by its name in Go', () => {
    expect(JSON.stringify(internalForm('apps.v1.StatefulSetUpdateStrategy', { type: 'X' }))).toBe(
      '{"Type":"X","RollingUpdate":null}',
    );
    expect(internalForm('batch.v1.PodFailurePolicy', { rules: [{ action: 'FailJob' }] })).toEqual({
      Rules: [{ Action: 'FailJob', OnExitCodes: null, OnPodConditions: null }],
    });
  });

  it('shows nothing as null', () => {
    expect(internalForm('networking.v1.ParentReference', undefined)).toBeNull();
  });

  it('has what pods share with their host in the security context', () => {
    const { SecurityContext, ...rest } = internalForm('core.v1.PodSpec', {
      containers: [],
      hostNetwork: true,
    }) as Record<string, unknown>;
    expect(SecurityContext).toMatchObject({ HostNetwork: true, HostUsers: null, RunAsUser: null });
    expect(rest).not.toHaveProperty('HostNetwork');
  });

  it('keeps metadata and label selectors as they are on the wire', () => {
    const template = { metadata: { labels: { b: 'c' } }, spec: { containers: [] } };
    expect(internalForm('core.v1.PodTemplateSpec', template)).toMatchObject({
      labels: { b: 'c' },
      Spec: { Containers: [] },
    });
    expect(internalForm('policy.v1.PodDisruptionBudgetSpec', { selector: { matchLabels: { a: 'b' } } })).toEqual({
      MinAvailable: null,
      Selector: { matchLabels: { a: 'b' } },
      MaxUnavailable: null,
      UnhealthyPodEvictionPolicy: null,
    });
  });
});

it.each([
  ['dnsPolicy', 'DNSPolicy'],
  ['hostIP', 'HostIP'],
  ['cidrs', 'CIDRs'],
  ['apiGroup', 'APIGroup'],
  ['seLinuxOptions', 'SELinuxOptions'],
  ['replicas', 'Replicas'],
])('goName of %s is %s', (field, name) => expect(goName(field)).toBe(name));
