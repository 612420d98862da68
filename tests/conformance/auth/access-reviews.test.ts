import { expect } from 'vitest';
import { story } from '../story.ts';

const AUTHORIZATION = 'authorization.k8s.io/v1';

story('access reviews say what a subject may do', async ({ api, ns, in: within }) => {
  const reviews = `/apis/${AUTHORIZATION}/subjectaccessreviews`;
  const user = `system:serviceaccount:${ns}:e2e`;
  const resourceAttributes = { verb: 'list', resource: 'configmaps', version: 'v1', namespace: ns };
  const ask = async (): Promise<boolean> =>
    (await api.create(reviews, { spec: { user, resourceAttributes } })).status.allowed;
  expect(await ask()).toBe(false);
  expect((await api.as(user).send('GET', `${within()}/configmaps`)).code).toBe(403);
  const rbac = within('rbac.authorization.k8s.io/v1');
  await api.create(`${rbac}/roles`, {
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
  });
  await api.create(`${rbac}/rolebindings`, {
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'e2e', namespace: ns }],
  });
  await expect.poll(ask).toBe(true);
  expect((await api.as(user).send('GET', `${within()}/configmaps`)).code).toBe(200);
  const local = await api.create(`${within(AUTHORIZATION)}/localsubjectaccessreviews`, {
    metadata: { namespace: ns },
    spec: { user, resourceAttributes },
  });
  expect(local.status.allowed).toBe(true);
  const self = await api.as(user).create(`/apis/${AUTHORIZATION}/selfsubjectaccessreviews`, {
    spec: { resourceAttributes: { ...resourceAttributes, verb: 'delete' } },
  });
  expect(self.status.allowed).toBe(false);
  const rules = await api
    .as(user)
    .create(`/apis/${AUTHORIZATION}/selfsubjectrulesreviews`, { spec: { namespace: ns } });
  expect(rules.status.resourceRules).toContainEqual({
    apiGroups: [''],
    resources: ['configmaps'],
    verbs: ['get', 'list'],
  });
});
