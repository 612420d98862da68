import { describe, expect, it } from 'vitest';
import type { AdmissionAttributes } from '../attributes.ts';
import { matchesRule } from './match-rules.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };

const asked = (fields: Partial<AdmissionAttributes> = {}): AdmissionAttributes =>
  ({ operation: 'CREATE', subresource: '', namespace: 'ns', name: 'x', ...fields }) as AdmissionAttributes;

const rule = (fields: object = {}) => ({
  operations: ['*'],
  apiGroups: ['*'],
  apiVersions: ['*'],
  resources: ['*'],
  ...fields,
});

describe('a rule', () => {
  it.each<[string[], string, boolean]>([
    [['pods'], '', true],
    [['pods'], 'status', false],
    [['*'], '', true],
    [['*'], 'status', false],
    [['pods/*'], '', true],
    [['pods/*'], 'status', true],
    [['*/status'], 'status', true],
    [['*/status'], '', false],
    [['*/*'], 'exec', true],
    [['services', 'pods/status'], 'status', true],
  ])('for %j covers subresource "%s": %s', (resources, subresource, expected) => {
    expect(matchesRule(rule({ resources }), asked({ subresource }), pods)).toBe(expected);
  });

  it('covers its operations, groups and versions only', () => {
    expect(matchesRule(rule({ operations: ['DELETE'] }), asked(), pods)).toBe(false);
    expect(matchesRule(rule({ apiGroups: ['apps'] }), asked(), pods)).toBe(false);
    expect(matchesRule(rule({ apiVersions: ['v2'] }), asked(), pods)).toBe(false);
  });

  it('takes a namespace for an object of the cluster, though admission says it is in itself', () => {
    const namespaces = { group: '', version: 'v1', resource: 'namespaces' };
    expect(matchesRule(rule({ scope: 'Namespaced' }), asked(), namespaces)).toBe(false);
    expect(matchesRule(rule({ scope: 'Cluster' }), asked(), namespaces)).toBe(true);
    expect(matchesRule(rule({ scope: 'Cluster' }), asked(), pods)).toBe(false);
    expect(matchesRule(rule({ scope: 'Namespaced' }), asked(), pods)).toBe(true);
  });
});
