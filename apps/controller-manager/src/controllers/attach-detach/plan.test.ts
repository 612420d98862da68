import { describe, expect, it } from 'vitest';
import type { CSIDriver, Node, PersistentVolume, Pod, VolumeAttachment } from '@pilothouse/api';
import { attachableVolume, attachmentName, isDoneWithVolumes } from './attachable-volume.ts';
import { attachProblem, multiAttachError } from './attach-messages.ts';
import { type NodePlan, type NodeVolumes, planNodeVolumes } from './plan.ts';

const ID = 'kubernetes.io/csi/disk.example.com^v-1';
const NOW = 1_000_000;

const volume = (accessModes = ['ReadWriteOnce']): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv' },
  spec: { accessModes, csi: { driver: 'disk.example.com', volumeHandle: 'v-1' } },
});
const driver = (attachRequired: boolean): CSIDriver => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: { name: 'disk.example.com' },
  spec: { attachRequired },
});
const attachable = (modes?: string[]) => attachableVolume(volume(modes), () => driver(true))!;
const pod = (name: string, namespace = 'default'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: `${namespace}-${name}` },
  spec: { containers: [] },
});
const attachment = (node: string, status: VolumeAttachment['status'] = { attached: true }): VolumeAttachment => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttachment',
  metadata: { name: attachmentName(attachable(), node), creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { attacher: 'disk.example.com', nodeName: node, source: { persistentVolumeName: 'pv' } },
  status,
});
const node = (volumesInUse: string[] = [], ready = 'True', taints: { key: string; effect: string }[] = []): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'a' },
  spec: { taints },
  status: { volumesInUse, conditions: [{ type: 'Ready', status: ready }] },
});
const plan = (given: Partial<NodeVolumes>): NodePlan =>
  planNodeVolumes({
    name: 'a',
    node: node(),
    wanted: [],
    attachments: [],
    idOf: () => ID,
    unwantedSinceMs: new Map(),
    nowMs: NOW,
    ...given,
  });
const wanted = (modes?: string[]) => [{ ...attachable(modes), pods: [pod('web')] }];

describe('the volumes that are attached', () => {
  it('are those of CSI drivers that are there and want it', () => {
    expect(attachable().id).toBe(ID);
    expect(attachableVolume(volume(), () => driver(false))).toBeUndefined();
    expect(attachableVolume(volume(), () => undefined)).toBeUndefined();
    const local: PersistentVolume = { ...volume(), spec: { hostPath: { path: '/data' } } };
    expect(attachableVolume(local, () => driver(true))).toBeUndefined();
  });

  it('are used until the pod is over, or goes with no container running', () => {
    const running = { ...pod('web'), status: { containerStatuses: [{ name: 'c', state: { running: {} } }] } } as Pod;
    const going = { ...running, metadata: { ...running.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(isDoneWithVolumes(running)).toBe(false);
    expect(isDoneWithVolumes(going)).toBe(false);
    expect(isDoneWithVolumes({ ...going, status: {} })).toBe(true);
    expect(isDoneWithVolumes({ ...running, status: { phase: 'Succeeded' } })).toBe(true);
  });
});

describe('a volume that pods of a node use', () => {
  it('is attached, once, and reported when the attacher has done it', () => {
    const first = plan({ wanted: wanted() });
    expect(first.attach).toEqual([
      expect.objectContaining({
        metadata: { name: attachmentName(attachable(), 'a') },
        spec: { attacher: 'disk.example.com', nodeName: 'a', source: { persistentVolumeName: 'pv' } },
      }),
    ]);
    const asked = plan({ wanted: wanted(), attachments: [attachment('a', { attached: false })] });
    expect([asked.attach, asked.attached, asked.awaited.length]).toEqual([[], [], 1]);
    const done = plan({ wanted: wanted(), attachments: [attachment('a')] });
    expect([done.attach, done.attached, done.awaited]).toEqual([[], [ID], []]);
  });

  it('waits for another node to let go of it, unless many may have it', () => {
    const attachments = [attachment('b')];
    const exclusive = plan({ wanted: wanted(), attachments });
    expect([exclusive.attach, exclusive.blocked[0]?.nodes]).toEqual([[], ['b']]);
    expect(plan({ wanted: wanted(['ReadWriteMany']), attachments }).attach).toHaveLength(1);
    expect(plan({ wanted: wanted(['ReadWriteOnce', 'ReadOnlyMany']), attachments }).attach).toHaveLength(1);
  });
});

describe('a volume that no pod of a node uses any more', () => {
  const since = (ms: number) => new Map([[attachmentName(attachable(), 'a'), NOW - ms]]);
  const outOfService = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
  it.each([
    ['goes once the node has unmounted it', node(), 0, true],
    ['stays while a node that is well has it mounted', node([ID]), 1_000_000, false],
    ['stays for six minutes on one that is not', node([ID], 'Unknown'), 359_999, false],
    ['goes after that', node([ID], 'Unknown'), 360_000, true],
    ['goes at once from a node out of service', node([ID], 'Unknown', outOfService), 0, true],
    ['goes with its node', undefined, 0, true],
  ] as const)('%s', (_, at, ms, goes) => {
    const made = plan({ node: at, attachments: [attachment('a')], unwantedSinceMs: since(ms) });
    expect([made.detach.length, made.attached]).toEqual(goes ? [1, []] : [0, [ID]]);
  });

  it('is left to whoever attached it by hand', () => {
    const foreign = { ...attachment('a'), metadata: { name: 'mine' } };
    expect(plan({ attachments: [foreign] }).detach).toEqual([]);
  });
});

describe('what pods are told', () => {
  it('names the users of an exclusive volume that the reader may know', () => {
    const tell = (...users: Pod[]): string => multiAttachError(attachable(), pod('web'), users);
    const start = 'Multi-Attach error for volume "pv" Volume is already';
    expect(tell()).toBe(`${start} exclusively attached to one node and can't be attached to another`);
    expect(tell(pod('x'), pod('y'))).toBe(`${start} used by pod(s) x, y`);
    expect(tell(pod('x'), pod('z', 'other'))).toBe(`${start} used by pod(s) x and 1 pod(s) in different namespaces`);
    expect(tell(pod('z', 'other'))).toBe(`${start} used by 1 pod(s) in different namespaces`);
  });

  it("is the attacher's error, or that it has said nothing for two minutes", () => {
    const at = (seconds: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000);
    expect(attachProblem(attachable(), attachment('a', { attached: false }), at(119))).toBeUndefined();
    expect(attachProblem(attachable(), attachment('a', { attached: false }), at(120))?.problem).toBe(
      'timed out waiting for external-attacher of disk.example.com CSI driver to attach volume v-1',
    );
    const failed = attachment('a', { attached: false, attachError: { message: 'no such disk' } });
    expect(attachProblem(attachable(), failed, at(1))?.problem).toBe('no such disk');
  });
});
