import { expect } from 'vitest';
import { Api, type Json } from '../api.ts';
import { eventually, refusal, story } from '../story.ts';
import { pod } from '../apps/workloads.ts';

story('a service account goes through its life', async ({ api, in: within, unique, after }) => {
  const label = unique('sa');
  const path = `${within()}/serviceaccounts`;
  const watch = api.watch(`${path}?labelSelector=told%3D${label}`);
  after(() => watch.close());
  await api.create(path, { metadata: { name: 'testserviceaccount', labels: { told: label } } });
  await watch.type('ADDED');
  await api.patch(`${path}/testserviceaccount`, 'strategic', { automountServiceAccountToken: false });
  expect((await watch.type('MODIFIED')).automountServiceAccountToken).toBe(false);
  expect((await api.get(`/api/v1/serviceaccounts?labelSelector=told%3D${label}`)).items).toHaveLength(1);
  await api.update(`${path}/testserviceaccount`, (object) => (object.automountServiceAccountToken = true));
  expect((await watch.type('MODIFIED')).automountServiceAccountToken).toBe(true);
  await api.delete(`${path}?labelSelector=told%3D${label}`);
  await watch.type('DELETED');
});

story('the root certificate is in every namespace, whatever happens to it', async ({ api, in: within }) => {
  const path = `${within()}/configmaps/kube-root-ca.crt`;
  await eventually(() => api.get(path));
  await api.delete(path);
  await eventually(async () => expect((await api.get(path)).data['ca.crt']).toContain('BEGIN CERTIFICATE'));
  await api.update(path, (object) => (object.data = { 'ca.crt': '' }));
  await eventually(async () => expect((await api.get(path)).data['ca.crt']).toContain('BEGIN CERTIFICATE'));
});

const tokenVolumes = ({ spec }: Json): Json[] =>
  (spec.volumes ?? []).filter((volume: Json) =>
    volume.projected?.sources.some((source: Json) => source.serviceAccountToken),
  );

story('a pod has an API token in it', async (told) => {
  const { api } = told;
  await api.create(`${told.in()}/serviceaccounts`, { metadata: { name: 'mount-test' } });
  const command =
    'cd /var/run/secrets/kubernetes.io/serviceaccount; echo ns $(cat namespace); echo token $(cat token); cat ca.crt; sleep 1000';
  await api.create(`${told.in()}/pods`, pod('mounts', command, { serviceAccountName: 'mount-test' }));
  const log = await eventually(async () => {
    const { text } = await api.send('GET', `${told.in()}/pods/mounts/log`);
    expect(text).toContain('END CERTIFICATE');
    return text;
  });
  expect(log).toContain(`ns ${told.ns}`);
  const token = /^token (\S+)$/m.exec(log)![1]!;
  const review = await api.create('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token } });
  expect(review.status).toMatchObject({
    authenticated: true,
    user: {
      username: `system:serviceaccount:${told.ns}:mount-test`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${told.ns}`, 'system:authenticated'],
    },
  });
  expect(review.status.user.extra['authentication.kubernetes.io/pod-name']).toEqual(['mounts']);
  const rootCa = await api.get(`${told.in()}/configmaps/kube-root-ca.crt`);
  expect(log).toContain(rootCa.data['ca.crt'].trim());
});

story('the token is left out where account or pod say so', async ({ api, in: within }) => {
  const path = within();
  for (const automountServiceAccountToken of [undefined, true, false])
    await api.create(`${path}/serviceaccounts`, {
      metadata: { name: `mount-${automountServiceAccountToken}` },
      automountServiceAccountToken,
    });
  const expected: readonly (readonly [string, boolean | undefined, boolean])[] = [
    ['undefined', undefined, true],
    ['true', undefined, true],
    ['false', undefined, false],
    ['undefined', true, true],
    ['true', true, true],
    ['false', true, true],
    ['undefined', false, false],
    ['true', false, false],
    ['false', false, false],
  ];
  for (const [account, automountServiceAccountToken, mounted] of expected) {
    const created = await api.create(
      `${path}/pods?dryRun=All`,
      pod(`p-${account}-${automountServiceAccountToken}`, 'true', {
        serviceAccountName: `mount-${account}`,
        automountServiceAccountToken,
      }),
    );
    expect(tokenVolumes(created), `${account} ${automountServiceAccountToken}`).toHaveLength(mounted ? 1 : 0);
  }
});

story('a projected token has the audience, path and lifetime that was asked for', async (told) => {
  const volumes = [
    {
      name: 't',
      projected: {
        sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600, audience: 'somebody' } }],
      },
    },
  ];
  const containers = [
    {
      name: 'c',
      image: 'busybox',
      command: ['sh', '-c', 'cat /test-volume/token; sleep 1000'],
      volumeMounts: [{ name: 't', mountPath: '/test-volume' }],
    },
  ];
  await told.api.create(`${told.in()}/pods`, pod('projects', '', { containers, volumes }));
  const token = await eventually(async () => {
    const { text } = await told.api.send('GET', `${told.in()}/pods/projects/log`);
    expect(text.split('.')).toHaveLength(3);
    return text.trim();
  });
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
  expect(claims.aud).toEqual(['somebody']);
  expect(claims.exp - claims.iat).toBeGreaterThanOrEqual(3600);
  expect(claims['kubernetes.io'].pod.name).toBe('projects');
});

story('a token that was asked for passes a token review, until what it is bound to is gone', async (told) => {
  const { api } = told;
  const accounts = `${told.in()}/serviceaccounts`;
  await api.create(accounts, { metadata: { name: 'e2e-sa' } });
  const bound = await api.create(`${told.in()}/secrets`, { metadata: { name: 'bound' } });
  const request = await api.create(`${accounts}/e2e-sa/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      expirationSeconds: 600,
      boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'bound', uid: bound.metadata.uid },
    },
  });
  expect(request.status.expirationTimestamp).toBeTruthy();
  const review = () =>
    api.create('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: request.status.token } });
  expect((await review()).status).toMatchObject({
    authenticated: true,
    user: { username: `system:serviceaccount:${told.ns}:e2e-sa` },
  });
  const self = await Api.bearer(request.status.token).create('/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
  expect(self.status.userInfo.username).toBe(`system:serviceaccount:${told.ns}:e2e-sa`);
  await api.delete(`${told.in()}/secrets/bound`);
  await eventually(async () => expect((await review()).status.authenticated).toBeFalsy());
  expect((await refusal(Api.bearer(request.status.token).get(accounts))).code).toBe(401);
});

story('the issuer of service account tokens can be discovered', async ({ api }) => {
  const answer = await api.send('GET', '/.well-known/openid-configuration');
  expect(answer.headers['content-type']).toContain('application/json');
  expect(answer.body).toMatchObject({
    issuer: expect.stringMatching(/^https:/),
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
  });
  const keys = await api.send('GET', new URL(answer.body.jwks_uri).pathname);
  expect(keys.headers['content-type']).toContain('application/jwk-set+json');
  const [{ alg, use, kid }] = keys.body.keys;
  expect([use, kid]).toEqual(['sig', expect.any(String)]);
  expect(answer.body.id_token_signing_alg_values_supported).toContain(alg);
});

story('a token in a Secret says when it was used last, and is refused once it is marked invalid', async (told) => {
  const { api } = told;
  await api.create(`${told.in()}/serviceaccounts`, { metadata: { name: 'robot' } });
  const secret = `${told.in()}/secrets/robot-token`;
  await api.create(`${told.in()}/secrets`, {
    metadata: { name: 'robot-token', annotations: { 'kubernetes.io/service-account.name': 'robot' } },
    type: 'kubernetes.io/service-account-token',
  });
  const token = await eventually(async () => {
    const { data } = await api.get(secret);
    expect(data?.token).toBeTruthy();
    return Buffer.from(data.token as string, 'base64').toString();
  });
  const whoAmI = () => Api.bearer(token).create('/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
  expect((await whoAmI()).status.userInfo.username).toBe(`system:serviceaccount:${told.ns}:robot`);
  await eventually(async () => {
    const { metadata } = await api.get(secret);
    expect(metadata.labels?.['kubernetes.io/legacy-token-last-used']).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });
  const tracking = '/api/v1/namespaces/kube-system/configmaps/kube-apiserver-legacy-service-account-token-tracking';
  expect((await api.get(tracking)).data.since).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  const labels = { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' };
  await api.patch(secret, 'merge', { metadata: { labels } });
  await eventually(async () => expect((await refusal(whoAmI())).code).toBe(401));
});
