import { definitions } from '@pilothouse/api';
import type { KubeObject } from '@pilothouse/apimachinery';
import { expect, it } from 'vitest';
import type { WriteContext } from '../../registry/write-context.ts';
import type { Authorizer } from '../authorizer.ts';
import type { PolicyRule } from '../rule-resolver.ts';
import { escalationHooks } from './escalation-hooks.ts';
import type { RbacPolicy } from './rbac-policy.ts';

const definition = definitions.find(({ kind }) => kind === 'ClusterRole')!;
const context = { user: { name: 'alice', groups: ['devs'] }, namespace: '' } as unknown as WriteContext;
const READ: PolicyRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };

function hooksFor(held: readonly PolicyRule[]) {
  const policy = { rulesFor: async () => ({ rules: held }) } as unknown as RbacPolicy;
  const authorizer: Authorizer = { authorize: async () => ({ decision: 'no-opinion' }) as never };
  return escalationHooks(definition, policy, authorizer);
}

const role = (change: object): KubeObject =>
  ({ metadata: { name: 'r' }, rules: [READ], ...change }) as unknown as KubeObject;
const AGGREGATED = role({ aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } });

it('lets a user hand out what they have', async () => {
  await expect(hooksFor([READ]).beginCreate!(role({}), context)).resolves.toBeUndefined();
  await expect(hooksFor([]).beginCreate!(role({}), context)).rejects.toThrow(
    'user "alice" (groups=["devs"]) is attempting to grant RBAC permissions not currently held:\n' +
      '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}',
  );
});

it('aggregates only for who may do everything', async () => {
  const message = 'must have cluster-admin privileges to use the aggregationRule';
  await expect(hooksFor([READ]).beginCreate!(AGGREGATED, context)).rejects.toThrow(message);
  await expect(hooksFor([READ]).beginUpdate!(role({}), AGGREGATED, context)).rejects.toThrow(message);
  const all = [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ];
  await expect(hooksFor(all).beginCreate!(AGGREGATED, context)).resolves.toBeUndefined();
});

it('looks away when only finalizers and owners change', async () => {
  const labelled = role({ metadata: { name: 'r', labels: { a: 'b' } } });
  const finalized = role({ metadata: { name: 'r', finalizers: ['a.io/b'] } });
  await expect(hooksFor([]).beginUpdate!(finalized, role({}), context)).resolves.toBeUndefined();
  await expect(hooksFor([]).beginUpdate!(labelled, role({}), context)).rejects.toThrow('attempting to grant');
});
