import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '@pilothouse/api';
import { describe, expect, it } from 'vitest';
import { cellsOf, CONTEXT, created, exampleMeta, problemsOnCreate, problemsOnUpdate } from '../core/example-objects.ts';
import { csiDriver } from './csi-driver.ts';
import { csiNode } from './csi-node.ts';
import { csiStorageCapacity } from './csi-storage-capacity.ts';
import { storageClass } from './storage-class.ts';
import { volumeAttachment } from './volume-attachment.ts';
import { volumeAttributesClass } from './volume-attributes-class.ts';

describe('StorageClass', () => {
  const example = (change: Partial<StorageClass> = {}): StorageClass => ({
    metadata: { name: 'fast' },
    provisioner: 'example.com/fast',
    ...change,
  });

  it('deletes at once and binds at once unless told otherwise', () => {
    expect(created(storageClass, example())).toMatchObject({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
  });

  it.each<[Partial<StorageClass>, string[]]>([
    [{}, []],
    [{ provisioner: '' }, ['provisioner: Required value']],
    [
      { reclaimPolicy: 'Recycle' },
      ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
    ],
    [
      { volumeBindingMode: 'Later' },
      ['volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"'],
    ],
    [{ parameters: { '': 'x' } }, ['parameters: Invalid value: "": field can not be empty.']],
    [
      { allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: [] }] }] },
      ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
    ],
  ])('%j', (change, problems) => {
    expect(problemsOnCreate(storageClass, example(change))).toEqual(problems);
  });

  it('stays what its volumes were made by', () => {
    const change = (each: StorageClass): void =>
      void Object.assign(each, {
        parameters: { a: 'b' },
        provisioner: 'x',
        reclaimPolicy: 'Retain',
        allowVolumeExpansion: true,
      });
    expect(problemsOnUpdate(storageClass, created(storageClass, example()), change)).toEqual([
      'parameters: Forbidden: updates to parameters are forbidden.',
      'provisioner: Forbidden: updates to provisioner are forbidden.',
      'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
    ]);
  });

  it('says which is the default, and which labels are out of use', () => {
    const each = example({
      metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    });
    each.allowedTopologies = [
      { matchLabelExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', values: ['a'] }] },
    ];
    expect(cellsOf(storageClass.columns, each).slice(0, 5)).toEqual([
      'fast (default)',
      'example.com/fast',
      'Delete',
      'Immediate',
      false,
    ]);
    expect(storageClass.strategy!.warnings!(each, undefined, CONTEXT)).toEqual([
      'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    ]);
  });
});

describe('CSI', () => {
  const driver = (spec: CSIDriver['spec'] = {}): CSIDriver => ({ metadata: { name: 'a.example.com' }, spec });

  it('drivers attach and persist by default', () => {
    expect(created(csiDriver, driver()).spec).toEqual({
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      volumeLifecycleModes: ['Persistent'],
      requiresRepublish: false,
      seLinuxMount: false,
    });
  });

  it('cannot keep pods from nodes without it yet', () => {
    expect(created(csiDriver, driver({ preventPodSchedulingIfMissing: true })).spec).not.toHaveProperty(
      'preventPodSchedulingIfMissing',
    );
  });

  it.each<[CSIDriver['spec'], string[]]>([
    [
      { fsGroupPolicy: 'x' },
      ['spec.fsGroupPolicy: Unsupported value: "x": supported values: "File", "None", "ReadWriteOnceWithFSType"'],
    ],
    [
      { tokenRequests: [{ audience: 'a', expirationSeconds: 1 }, { audience: 'a' }] },
      [
        'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
        'spec.tokenRequests[1].audience: Duplicate value: "a"',
      ],
    ],
    [
      { nodeAllocatableUpdatePeriodSeconds: 9 },
      ['spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds'],
    ],
  ])('%j', (spec, problems) => {
    expect(problemsOnCreate(csiDriver, driver(spec))).toEqual(problems);
  });

  it('drivers count their changes, not their creation', () => {
    const old = created(csiDriver, driver());
    const next = structuredClone(old);
    next.spec.podInfoOnMount = true;
    csiDriver.strategy!.prepareForUpdate!(next, old, CONTEXT);
    expect([old.metadata.generation, next.metadata.generation]).toEqual([undefined, 1]);
    expect(problemsOnUpdate(csiDriver, old, ({ spec }) => (spec.attachRequired = false))).toEqual([
      'spec.attachedRequired: Invalid value: false: field is immutable',
    ]);
  });

  it('drivers on a node change nothing but what they can take', () => {
    const node: CSINode = {
      metadata: { name: 'n' },
      spec: { drivers: [{ name: 'a.example.com', nodeID: 'n', topologyKeys: ['zone'] }] },
    };
    expect(problemsOnCreate(csiNode, node)).toEqual([]);
    expect(problemsOnUpdate(csiNode, node, ({ spec }) => (spec.drivers![0]!.allocatable = { count: 3 }))).toEqual([]);
    expect(problemsOnUpdate(csiNode, node, ({ spec }) => (spec.drivers![0]!.nodeID = 'm'))).toHaveLength(1);
    expect(problemsOnUpdate(csiNode, node, ({ spec }) => (spec.drivers = []))).toEqual([]);
  });

  it('capacities are never negative', () => {
    const each: CSIStorageCapacity = { metadata: exampleMeta(), storageClassName: 'fast', capacity: '-1' };
    expect(problemsOnCreate(csiStorageCapacity, each)).toEqual([
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ]);
  });
});

describe('VolumeAttachment', () => {
  const example = (source: object): VolumeAttachment => ({
    metadata: { name: 'a' },
    spec: { attacher: 'a.example.com', nodeName: 'n', source },
  });
  const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  it.each<[object, string[]]>([
    [{ persistentVolumeName: 'pv' }, []],
    [{}, [`spec.source: Required value: ${exactlyOne}`]],
    [{ persistentVolumeName: 'pv', inlineVolumeSpec: {} }, [`spec.source: Forbidden: ${exactlyOne}`]],
  ])('%j', (source, problems) => {
    expect(problemsOnCreate(volumeAttachment, example(source))).toEqual(problems);
  });

  it('cannot be moved', () => {
    const old = created(volumeAttachment, example({ persistentVolumeName: 'pv' }));
    expect(problemsOnUpdate(volumeAttachment, old, ({ spec }) => (spec.nodeName = 'm'))).toHaveLength(1);
    expect(problemsOnUpdate(volumeAttachment, old, (each) => (each.status = { attached: true }), 'status')).toEqual([]);
  });
});

it('a VolumeAttributesClass has parameters, which stay', () => {
  const each: VolumeAttributesClass = { metadata: { name: 'a' }, driverName: 'a.example.com', parameters: {} };
  expect(problemsOnCreate(volumeAttributesClass, each)).toEqual([
    'parameters: Required value: must contain at least one key/value pair',
  ]);
  expect(problemsOnUpdate(volumeAttributesClass, each, (next) => (next.parameters = { iops: '3' }))).toEqual([
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
});
