import { expect } from 'vitest';
import { story } from '../story.ts';
import type { Json } from '../api.ts';

const REVIEWS = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

story('everybody may ask who the server takes them for', async ({ api, kubectl }) => {
  const { resources } = await api.get('/apis/authentication.k8s.io/v1');
  expect(resources).toContainEqual(
    expect.objectContaining({ name: 'selfsubjectreviews', kind: 'SelfSubjectReview', verbs: ['create'] }),
  );
  const ask = async (who = api): Promise<Json> => (await who.create(REVIEWS, {})).status.userInfo;
  expect(await ask()).toMatchObject({ groups: expect.arrayContaining(['system:masters', 'system:authenticated']) });
  expect(await ask(api.as('jane-doe'))).toMatchObject({ username: 'jane-doe', groups: ['system:authenticated'] });
  expect(await ask(api.as('jane-doe', 'readers'))).toMatchObject({ groups: ['readers', 'system:authenticated'] });
  expect((await api.send('GET', REVIEWS)).code).toBe(405);
  expect(await kubectl('auth whoami -o jsonpath={.status.userInfo.username} --as jane-doe')).toBe('jane-doe');
});

story('a user is impersonated with its uid and extra information', async ({ api }) => {
  const { body } = await api.send(
    'POST',
    REVIEWS,
    {},
    {
      'impersonate-user': 'jane-doe',
      'impersonate-uid': 'uniq-id',
      'impersonate-extra-some-key': 'some-value',
    },
  );
  expect(body.status.userInfo).toEqual({
    username: 'jane-doe',
    uid: 'uniq-id',
    groups: ['system:authenticated'],
    extra: { 'some-key': ['some-value'] },
  });
});
