import { expect } from 'vitest';
import { eventually, refusal, story, type Story } from '../story.ts';
import { pod } from '../apps/workloads.ts';
import type { Json } from '../api.ts';

const VOLUMES = '/api/v1/persistentvolumes';

/** A volume for claims of its class only, gone with the story. */
async function volume({ api, after }: Story, name: string, spec: Json = {}): Promise<Json> {
  after(async () => {
    await api.send('DELETE', `${VOLUMES}/${name}`);
  });
  return api.create(VOLUMES, {
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: name,
      csi: { driver: 'd.example.com', volumeHandle: name },
      ...spec,
    },
  });
}

const claim = (storageClassName: string): Json => ({
  metadata: { name: 'claim' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '1Gi' } } },
});

const phase = ({ api }: Story, path: string, expected: string): Promise<Json> =>
  eventually(async () => {
    const object = await api.get(path);
    expect(object.status.phase).toBe(expected);
    return object;
  });

story('a volume and a claim go through their life', async (told) => {
  const { api, ns, unique } = told;
  const name = unique('pv');
  const [pv, pvc] = [`${VOLUMES}/${name}`, `${told.in()}/persistentvolumeclaims/claim`];
  await volume(told, name);
  await phase(told, pv, 'Available');
  const { metadata } = await api.create(`${told.in()}/persistentvolumeclaims`, claim(name));
  const bound = await phase(told, pvc, 'Bound');
  expect(bound.spec.volumeName).toBe(name);
  expect(bound.status).toMatchObject({ accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } });
  expect(bound.metadata.annotations['pv.kubernetes.io/bind-completed']).toBe('yes');
  expect((await phase(told, pv, 'Bound')).spec.claimRef).toMatchObject({
    namespace: ns,
    name: 'claim',
    uid: metadata.uid,
  });
  expect((await refusal(api.patch(pvc, 'merge', { spec: { volumeName: 'other' } }))).body.message).toContain(
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
  );
  expect((await refusal(api.patch(pv, 'merge', { spec: { csi: { volumeHandle: 'x' } } }))).body.message).toContain(
    'spec.persistentvolumesource is immutable after creation',
  );
  await api.delete(pvc);
  await eventually(async () => expect((await api.send('GET', pvc)).code).toBe(404));
  await phase(told, pv, 'Released');
  await api.patch(pv, 'merge', { spec: { claimRef: null } });
  await phase(told, pv, 'Available');
  await api.delete(pv);
  await eventually(async () => expect((await api.send('GET', pv)).code).toBe(404));
});

story('a claim and its volume stay as long as somebody uses them', async (told) => {
  const { api, unique } = told;
  const name = unique('pv');
  const [pv, pvc] = [`${VOLUMES}/${name}`, `${told.in()}/persistentvolumeclaims/claim`];
  await volume(told, name);
  await api.create(`${told.in()}/persistentvolumeclaims`, claim(name));
  await phase(told, pvc, 'Bound');
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'claim' } }];
  await api.create(`${told.in()}/pods`, pod('user', 'sleep 1000', { volumes }));
  await phase(told, `${told.in()}/pods/user`, 'Running');
  expect((await api.delete(pv)).metadata.finalizers).toContain('kubernetes.io/pv-protection');
  expect((await api.delete(pvc)).metadata.finalizers).toContain('kubernetes.io/pvc-protection');
  await api.delete(`${told.in()}/pods/user`);
  await eventually(async () => expect((await api.send('GET', pvc)).code).toBe(404));
  await eventually(async () => expect((await api.send('GET', pv)).code).toBe(404));
});

story('the status of a volume and of a claim is read, patched and replaced', async (told) => {
  const { api, unique } = told;
  const name = unique('pv');
  await volume(told, name);
  await api.create(`${told.in()}/persistentvolumeclaims`, claim(name));
  const [pv, pvc] = [`${VOLUMES}/${name}`, `${told.in()}/persistentvolumeclaims/claim`];
  await phase(told, pvc, 'Bound');
  const conditions = [
    { type: 'StatusPatched', status: 'True', reason: 'E2E patchStatus', message: 'Set from a story' },
  ];
  const patched = await api.patch(`${pvc}/status`, 'merge', { status: { conditions } });
  expect(patched.status.conditions).toMatchObject(conditions);
  expect(patched.status.phase).toBe('Bound');
  const updated = await api.update(
    pvc,
    ({ status }) => (status.conditions = [{ ...conditions[0], type: 'StatusUpdated' }]),
    '/status',
  );
  expect(updated.status.conditions).toMatchObject([{ type: 'StatusUpdated' }]);
  const reason = { status: { reason: 'StatusPatched', message: 'StatusPatched' } };
  expect((await api.patch(`${pv}/status`, 'merge', reason)).status).toMatchObject(reason.status);
  const replaced = await api.update(pv, ({ status }) => (status.reason = 'StatusUpdated'), '/status');
  expect(replaced.status.reason).toBe('StatusUpdated');
});

story('a claim without a class gets the default one, also later', async (told) => {
  const { api, in: within } = told;
  const { items } = await api.get('/apis/storage.k8s.io/v1/storageclasses');
  const isDefault = ({ metadata }: Json): boolean =>
    metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
  const expected = items.filter(isDefault).map(({ metadata }: Json) => metadata.name);
  const { storageClassName: _none, ...spec } = claim('x').spec;
  const made = await api.create(`${within()}/persistentvolumeclaims`, { metadata: { name: 'plain' }, spec });
  expect([made.spec.storageClassName]).toEqual(expected.length ? expected.slice(-1) : [undefined]);
});
