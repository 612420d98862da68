import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { pod, template } from './workloads.ts';

const statefulSet = (name: string, replicas: number, spec: Json = {}): Json => ({
  metadata: { name, labels: { app: name } },
  spec: {
    replicas,
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: template(name, 'sleep 1000'),
    ...spec,
  },
});

const daemonSet = (name: string, spec: Json = {}, podSpec: Json = {}): Json => {
  const { metadata, spec: podTemplate } = template(name, 'sleep 1000');
  return {
    metadata: { name, labels: { app: name } },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata, spec: { ...podTemplate, ...podSpec } },
      ...spec,
    },
  };
};

async function status({ api, in: within }: Story, path: string, expected: Json): Promise<Json> {
  return eventually(async () => {
    const object = await api.get(`${within('apps/v1')}/${path}`);
    expect(object.status).toMatchObject(expected);
    return object;
  });
}

const images = async ({ api, in: within }: Story): Promise<Json> =>
  Object.fromEntries(
    (await api.get(`${within()}/pods`)).items.map((item: Json) => [item.metadata.name, item.spec.containers[0].image]),
  );

const setImage = (told: Story, path: string, image: string): Promise<Json> =>
  told.api.patch(`${told.in('apps/v1')}/${path}`, 'strategic', {
    spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
  });

story('a stateful set is updated from the last pod to the first, and rolled back', async (told) => {
  await told.api.create(`${told.in('apps/v1')}/statefulsets`, statefulSet('ss', 3));
  const before = await status(told, 'statefulsets/ss', { readyReplicas: 3, currentReplicas: 3 });
  expect(before.status.currentRevision).toBe(before.status.updateRevision);
  const watch = told.api.watch(`${told.in()}/pods?resourceVersion=${before.metadata.resourceVersion}`);
  told.after(() => watch.close());
  await setImage(told, 'statefulsets/ss', 'httpd:2');
  const after = await status(told, 'statefulsets/ss', {
    readyReplicas: 3,
    updatedReplicas: 3,
    currentRevision: expect.not.stringMatching(before.status.currentRevision),
  });
  const deleted = watch.events.filter(({ type }) => type === 'DELETED').map(({ object }) => object.metadata.name);
  expect(deleted).toEqual(['ss-2', 'ss-1', 'ss-0']);
  await setImage(told, 'statefulsets/ss', 'busybox');
  const back = await status(told, 'statefulsets/ss', {
    readyReplicas: 3,
    updatedReplicas: 3,
    currentRevision: before.status.currentRevision,
  });
  expect(back.status.updateRevision).not.toBe(after.status.updateRevision);
});

story('a partition makes canaries and phased updates', async (told) => {
  const spec = (partition: number): Json => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } },
  });
  const path = `${told.in('apps/v1')}/statefulsets/ss`;
  await told.api.create(`${told.in('apps/v1')}/statefulsets`, statefulSet('ss', 3, spec(3)));
  await status(told, 'statefulsets/ss', { readyReplicas: 3 });
  await setImage(told, 'statefulsets/ss', 'httpd:2');
  await told.api.patch(path, 'merge', { spec: spec(2) });
  await eventually(async () =>
    expect(await images(told)).toEqual({ 'ss-0': 'busybox', 'ss-1': 'busybox', 'ss-2': 'httpd:2' }),
  );
  await told.api.delete(`${told.in()}/pods/ss-0`);
  await told.api.delete(`${told.in()}/pods/ss-2`);
  await eventually(async () =>
    expect(await images(told)).toEqual({ 'ss-0': 'busybox', 'ss-1': 'busybox', 'ss-2': 'httpd:2' }),
  );
  await told.api.patch(path, 'merge', { spec: spec(0) });
  await eventually(async () =>
    expect(await images(told)).toEqual({ 'ss-0': 'httpd:2', 'ss-1': 'httpd:2', 'ss-2': 'httpd:2' }),
  );
});

for (const podManagementPolicy of ['OrderedReady', 'Parallel']) {
  story(
    `scaling a stateful set with ${podManagementPolicy} ${podManagementPolicy === 'Parallel' ? 'does not wait for' : 'halts at'} an unready pod`,
    async (told) => {
      const { api } = told;
      const object = statefulSet('ss', 1, { podManagementPolicy });
      object.spec.template.spec.containers[0].readinessProbe = { exec: { command: ['true'] }, periodSeconds: 1 };
      await api.create(`${told.in('apps/v1')}/statefulsets`, object);
      await status(told, 'statefulsets/ss', { readyReplicas: 1 });
      await api.patch(`${told.in()}/pods/ss-0`, 'merge', {
        metadata: { annotations: { 'pilothouse.dev/ready': 'false' } },
      });
      await eventually(async () =>
        expect(
          (await api.get(`${told.in()}/pods/ss-0`)).status.conditions.find(({ type }: Json) => type === 'Ready').status,
        ).toBe('False'),
      );
      await api.patch(`${told.in('apps/v1')}/statefulsets/ss/scale`, 'merge', { spec: { replicas: 3 } });
      const goesOn = podManagementPolicy === 'Parallel';
      await eventually(async () =>
        expect((await api.get(`${told.in('apps/v1')}/statefulsets/ss`)).status).toMatchObject({
          observedGeneration: 2,
          replicas: goesOn ? 3 : 1,
        }),
      );
      await api.patch(`${told.in()}/pods/ss-0`, 'merge', {
        metadata: { annotations: { 'pilothouse.dev/ready': null } },
      });
      await status(told, 'statefulsets/ss', { readyReplicas: 3 });
      await api.patch(`${told.in('apps/v1')}/statefulsets/ss/scale`, 'merge', { spec: { replicas: 0 } });
      await status(told, 'statefulsets/ss', { replicas: 0 });
    },
  );
}

story('a stateful pod that is evicted or fails is created again', async (told) => {
  const { api } = told;
  const node = (await api.get('/api/v1/nodes')).items.find(({ status }: Json) => status.addresses?.length > 0);
  const ports = [{ containerPort: 21017, hostPort: 21017 }];
  const containers = [{ name: 'c', image: 'busybox', command: ['sleep', '1000'], ports }];
  await api.create(`${told.in()}/pods`, pod('blocker', '', { nodeName: node.metadata.name, containers }));
  await eventually(async () => expect((await api.get(`${told.in()}/pods/blocker`)).status.phase).toBe('Running'));
  const object = statefulSet('ss', 1);
  Object.assign(object.spec.template.spec, { nodeName: node.metadata.name, containers });
  const watch = api.watch(`${told.in()}/pods?fieldSelector=metadata.name%3Dss-0`);
  told.after(() => watch.close());
  await api.create(`${told.in('apps/v1')}/statefulsets`, object);
  const first = await watch.type('MODIFIED', (each) => each.status.phase === 'Failed');
  await watch.type('DELETED', ({ metadata }) => metadata.uid === first.metadata.uid);
  await api.delete(`${told.in()}/pods/blocker?gracePeriodSeconds=0`);
  await eventually(async () => expect((await api.get(`${told.in()}/pods/ss-0`)).status.phase).toBe('Running'));
});

story('stateful sets are listed, patched and deleted as a collection, and their status changed', async (told) => {
  const { api } = told;
  const path = `${told.in('apps/v1')}/statefulsets`;
  await api.create(path, statefulSet('ss', 1));
  await status(told, 'statefulsets/ss', { readyReplicas: 1 });
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  const updated = await api.update(`${path}/ss`, (object) => (object.status.conditions = [condition]), '/status');
  expect(updated.status.conditions).toContainEqual(expect.objectContaining(condition));
  await api.patch(`${path}/ss`, 'strategic', { metadata: { labels: { 'test-ss': 'patched' } }, spec: { replicas: 2 } });
  await status(told, 'statefulsets/ss', { readyReplicas: 2 });
  expect((await api.get(`${path}/ss/scale`)).spec.replicas).toBe(2);
  await api.delete(`${path}?labelSelector=test-ss%3Dpatched`);
  await eventually(async () => expect((await api.get(path)).items).toEqual([]));
});

story('a daemon set runs a pod on every node, retries failed ones and stops', async (told) => {
  const { api } = told;
  await api.create(`${told.in('apps/v1')}/daemonsets`, daemonSet('ds'));
  const { status: running } = await status(told, 'daemonsets/ds', { numberReady: 3, desiredNumberScheduled: 3 });
  expect(running.numberUnavailable ?? 0).toBe(0);
  const [first] = (await api.get(`${told.in()}/pods`)).items;
  await api.update(`${told.in()}/pods/${first.metadata.name}`, (object) => (object.status.phase = 'Failed'), '/status');
  await eventually(async () =>
    expect((await api.send('GET', `${told.in()}/pods/${first.metadata.name}`)).code).toBe(404),
  );
  await status(told, 'daemonsets/ds', { numberReady: 3 });
  await api.delete(`${told.in('apps/v1')}/daemonsets/ds`);
  await eventually(async () => expect((await api.get(`${told.in()}/pods`)).items).toEqual([]));
});

story('a daemon set with a node selector follows the labels of nodes', async (told) => {
  const { api } = told;
  const label = told.unique('colour');
  const node = (await api.get('/api/v1/nodes')).items.find(({ status }: Json) => status.addresses?.length > 0);
  const setLabel = (value: string | null): Promise<Json> =>
    api.patch(`/api/v1/nodes/${node.metadata.name}`, 'merge', { metadata: { labels: { [label]: value } } });
  told.after(() => setLabel(null));
  await api.create(`${told.in('apps/v1')}/daemonsets`, daemonSet('ds', {}, { nodeSelector: { [label]: 'blue' } }));
  await status(told, 'daemonsets/ds', { desiredNumberScheduled: 0, observedGeneration: 1 });
  await setLabel('blue');
  await status(told, 'daemonsets/ds', { desiredNumberScheduled: 1, numberReady: 1 });
  await setLabel('green');
  await status(told, 'daemonsets/ds', { desiredNumberScheduled: 0 });
  await api.patch(`${told.in('apps/v1')}/daemonsets/ds`, 'strategic', {
    spec: { updateStrategy: { type: 'RollingUpdate' }, template: { spec: { nodeSelector: { [label]: 'green' } } } },
  });
  await status(told, 'daemonsets/ds', { desiredNumberScheduled: 1, numberReady: 1 });
});

story('a daemon set is updated, and rolled back without needless restarts', async (told) => {
  await told.api.create(`${told.in('apps/v1')}/daemonsets`, daemonSet('ds'));
  await status(told, 'daemonsets/ds', { numberReady: 3 });
  await setImage(told, 'daemonsets/ds', 'httpd:2');
  await status(told, 'daemonsets/ds', { numberReady: 3, updatedNumberScheduled: 3, observedGeneration: 2 });
  const before = (await told.api.get(`${told.in()}/pods`)).items;
  expect(new Set(before.map((item: Json) => item.spec.containers[0].image))).toEqual(new Set(['httpd:2']));
  await setImage(told, 'daemonsets/ds', 'registry.invalid/foo:non-existent');
  await eventually(async () =>
    expect(Object.values(await images(told))).toContain('registry.invalid/foo:non-existent'),
  );
  await setImage(told, 'daemonsets/ds', 'httpd:2');
  await status(told, 'daemonsets/ds', { numberReady: 3, updatedNumberScheduled: 3, observedGeneration: 4 });
  const after = new Set((await told.api.get(`${told.in()}/pods`)).items.map((item: Json) => item.metadata.uid));
  expect(before.filter((item: Json) => after.has(item.metadata.uid))).toHaveLength(2);
});

story('the status of a daemon set is changed, and daemon sets deleted as a collection', async (told) => {
  const { api } = told;
  const path = `${told.in('apps/v1')}/daemonsets`;
  await api.create(path, daemonSet('ds'));
  await status(told, 'daemonsets/ds', { numberReady: 3 });
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  const updated = await api.update(`${path}/ds`, (object) => (object.status.conditions = [condition]), '/status');
  expect(updated.status.conditions).toContainEqual(expect.objectContaining(condition));
  const patched = await api.patch(`${path}/ds/status`, 'merge', {
    status: { conditions: [{ type: 'StatusPatched', status: 'True' }] },
  });
  expect(patched.status.conditions).toContainEqual(expect.objectContaining({ type: 'StatusPatched' }));
  await api.delete(`${path}?labelSelector=app%3Dds`);
  await eventually(async () => expect((await api.get(path)).items).toEqual([]));
});
