import { expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import type { Json } from '../api.ts';
import { template } from './workloads.ts';

/** A set of two pods, each with a claim that the simulated provisioner fills. */
async function setWithClaims(told: Story, whenDeleted: string, whenScaled: string): Promise<string> {
  const name = told.unique('class');
  await told.api.create('/apis/storage.k8s.io/v1/storageclasses', {
    metadata: { name },
    provisioner: 'pilothouse.dev/simulated',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  told.after(() => told.api.delete(`/apis/storage.k8s.io/v1/storageclasses/${name}`));
  const { metadata, spec } = template('ss', 'sleep 1000');
  const [container] = spec.containers;
  const set = `${told.in('apps/v1')}/statefulsets/ss`;
  await told.api.create(`${told.in('apps/v1')}/statefulsets`, {
    metadata: { name: 'ss' },
    spec: {
      replicas: 2,
      serviceName: 'ss',
      selector: { matchLabels: { app: 'ss' } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
      template: {
        metadata,
        spec: { ...spec, containers: [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], storageClassName: name, resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  });
  await eventually(async () => expect((await told.api.get(set)).status.readyReplicas).toBe(2));
  return set;
}

const claimNames = async ({ api, in: within }: Story): Promise<string[]> =>
  (await api.get(`${within()}/persistentvolumeclaims`)).items.map(({ metadata }: Json) => metadata.name);

const ownersOf = async ({ api, in: within }: Story, claim: string): Promise<string[]> =>
  ((await api.get(`${within()}/persistentvolumeclaims/${claim}`)).metadata.ownerReferences ?? []).map(
    ({ kind }: Json) => kind,
  );

story('claims go with a stateful set that says so, and stay when it changes its mind', async (told) => {
  const set = await setWithClaims(told, 'Delete', 'Retain');
  await eventually(async () => expect(await ownersOf(told, 'data-ss-1')).toEqual(['StatefulSet']));
  await told.api.patch(set, 'merge', { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain' } } });
  await eventually(async () => expect(await ownersOf(told, 'data-ss-1')).toEqual([]));
  await told.api.patch(set, 'merge', { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } } });
  await eventually(async () => expect(await ownersOf(told, 'data-ss-0')).toEqual(['StatefulSet']));
  await told.api.delete(set);
  await eventually(async () => expect(await claimNames(told)).toEqual([]));
});

story('the claim of a pod goes when the pod is scaled away, and not when it restarts', async (told) => {
  const set = await setWithClaims(told, 'Retain', 'Delete');
  const before = await told.api.get(`${told.in()}/persistentvolumeclaims/data-ss-1`);
  await told.api.delete(`${told.in()}/pods/ss-1`);
  await eventually(async () => expect((await told.api.get(set)).status.readyReplicas).toBe(2));
  const after = await told.api.get(`${told.in()}/persistentvolumeclaims/data-ss-1`);
  expect(after.metadata.uid).toBe(before.metadata.uid);

  await told.api.patch(set, 'merge', { spec: { replicas: 1 } });
  await eventually(async () => expect(await claimNames(told)).toEqual(['data-ss-0']));
  await told.api.patch(set, 'merge', { spec: { replicas: 2 } });
  await eventually(async () => expect((await told.api.get(set)).status.readyReplicas).toBe(2));
  const anew = await told.api.get(`${told.in()}/persistentvolumeclaims/data-ss-1`);
  expect(anew.metadata.uid).not.toBe(before.metadata.uid);
});

story('a stateful pod says its name, its index and its revision, and gets lost labels back', async (told) => {
  const set = await setWithClaims(told, 'Retain', 'Retain');
  const { status } = await told.api.get(set);
  const labels = {
    app: 'ss',
    'statefulset.kubernetes.io/pod-name': 'ss-1',
    'apps.kubernetes.io/pod-index': '1',
    'controller-revision-hash': status.updateRevision,
  };
  const path = `${told.in()}/pods/ss-1`;
  const { metadata } = await told.api.get(path);
  expect(metadata.labels).toEqual(labels);
  const lost = { 'statefulset.kubernetes.io/pod-name': null, 'apps.kubernetes.io/pod-index': 'one' };
  await told.api.patch(path, 'merge', { metadata: { labels: lost } });
  await eventually(async () => {
    const pod = await told.api.get(path);
    expect(pod.metadata.labels).toEqual(labels);
    expect(pod.metadata.uid).toBe(metadata.uid);
  });
});
