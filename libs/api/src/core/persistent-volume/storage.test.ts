import { describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec } from '@pilothouse/api';
import { CONTEXT, created, NOW, problemsOnCreate, problemsOnUpdate } from '../example-objects.ts';
import { persistentVolumeClaim } from '../persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolume } from './persistent-volume.ts';

const volume = (change: Partial<PersistentVolumeSpec> = {}): PersistentVolume => ({
  metadata: { name: 'disk' },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' }, ...change },
});

const claim = (change: (each: PersistentVolumeClaim) => void = () => {}): PersistentVolumeClaim => {
  const each: PersistentVolumeClaim = {
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  change(each);
  return each;
};

describe('a PersistentVolume', () => {
  it('is pending, retained and a file system, as of now', () => {
    expect(created(persistentVolume, volume())).toMatchObject({
      spec: {
        persistentVolumeReclaimPolicy: 'Retain',
        volumeMode: 'Filesystem',
        hostPath: { path: '/data', type: '' },
      },
      status: { phase: 'Pending', lastPhaseTransitionTime: '2026-05-01T12:00:00Z' },
    });
  });

  it.each<[string, Partial<PersistentVolumeSpec>, string[]]>([
    ['no source', { hostPath: undefined }, ['spec: Required value: must specify a volume type']],
    [
      'no size',
      { capacity: {} },
      ['spec.capacity: Required value', 'spec.capacity: Unsupported value: {}: supported values: "storage"'],
    ],
    [
      'no room',
      { capacity: { storage: '0' } },
      ['spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      'an unknown access mode',
      { accessModes: ['Exclusive'] },
      [
        'spec.accessModes: Unsupported value: "Exclusive": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      ],
    ],
    [
      'exclusive use and more',
      { accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'] },
      ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
    ],
    [
      'a local disk anywhere',
      { hostPath: undefined, local: { path: '/mnt/a' } },
      ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
    ],
    [
      'a driver without a handle',
      { hostPath: undefined, csi: { driver: 'csi.example.com', volumeHandle: '' } },
      ['spec.csi.volumeHandle: Required value'],
    ],
    [
      'the root of the host to be wiped',
      { hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' },
      [`spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'`],
    ],
  ])('with %s', (_, change, expected) => {
    const each = volume(change);
    for (const [field, value] of Object.entries(change))
      if (value === undefined) Reflect.deleteProperty(each.spec!, field);
    expect(problemsOnCreate(persistentVolume, each)).toEqual(expected);
  });

  it('stays where it is', () => {
    const [problem] = problemsOnUpdate(persistentVolume, created(persistentVolume, volume()), (each) => {
      each.spec!.hostPath!.path = '/other';
    });
    expect(problem).toContain(
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n',
    );
    expect(problem).toContain('/other');
  });

  it('remembers when its phase changed', () => {
    const old = created(persistentVolume, volume());
    const next = structuredClone(old);
    next.status!.phase = 'Available';
    const later = { ...CONTEXT, now: new Date('2026-05-01T13:00:00Z') };
    persistentVolume.subresources!.status!.strategy!.prepareForUpdate!(next, old, later);
    expect(next.status!.lastPhaseTransitionTime).toBe('2026-05-01T13:00:00Z');
  });
});

describe('a PersistentVolumeClaim', () => {
  const bound = (): PersistentVolumeClaim => {
    const each = created(persistentVolumeClaim, claim());
    each.spec!.volumeName = 'disk';
    each.status = { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce', 'ReadWriteMany'] };
    return each;
  };

  it.each<[string, (each: PersistentVolumeClaim) => void, string[]]>([
    ['is fine', () => {}, []],
    ['has no size', (each) => delete each.spec!.resources, ['spec.resources[storage]: Required value']],
    [
      'has no mode',
      (each) => delete each.spec!.accessModes,
      ['spec.accessModes: Required value: at least 1 access mode is required'],
    ],
    [
      'has two sources',
      (each) => {
        each.spec!.dataSource = { kind: 'PersistentVolumeClaim', name: 'a' };
        each.spec!.dataSourceRef = { kind: 'PersistentVolumeClaim', name: 'b' };
      },
      ['spec: Invalid value: {}: must match dataSourceRef'],
    ],
  ])('that %s', (_, change, expected) => {
    expect(problemsOnCreate(persistentVolumeClaim, claim(change))).toEqual(expected);
  });

  it('names its source in both fields, or in none', () => {
    const source = { kind: 'PersistentVolumeClaim', name: 'a' };
    const each = created(
      persistentVolumeClaim,
      claim((draft) => (draft.spec!.dataSource = source)),
    );
    expect(each.spec!.dataSourceRef).toEqual(source);
    const unknown = created(
      persistentVolumeClaim,
      claim((draft) => (draft.spec!.dataSource = { apiGroup: 'example.com', kind: 'Image', name: 'a' })),
    );
    expect(unknown.spec!.dataSource).toBeUndefined();
  });

  it.each<[string, () => PersistentVolumeClaim, (each: PersistentVolumeClaim) => void]>([
    ['be bound', () => created(persistentVolumeClaim, claim()), (each) => (each.spec!.volumeName = 'disk')],
    ['grow when it is bound', bound, (each) => (each.spec!.resources!.requests!.storage = '2Gi')],
    ['get a class', () => created(persistentVolumeClaim, claim()), (each) => (each.spec!.storageClassName = 'fast')],
  ])('may %s', (_, old, change) => expect(problemsOnUpdate(persistentVolumeClaim, old(), change)).toEqual([]));

  it('may not be bound to another volume', () => {
    const [problem] = problemsOnUpdate(persistentVolumeClaim, bound(), (each) => (each.spec!.volumeName = 'other'));
    expect(problem).toContain(
      'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n',
    );
  });

  it('may not become smaller than its volume', () => {
    const shrink = (each: PersistentVolumeClaim): unknown => (each.spec!.resources!.requests!.storage = '500Mi');
    expect(problemsOnUpdate(persistentVolumeClaim, bound(), shrink)).toEqual([
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ]);
  });

  it('shows its volume once it has one', () => {
    const row = (each: PersistentVolumeClaim) => persistentVolumeClaim.columns!.map((column) => column.cell(each, NOW));
    expect(row(created(persistentVolumeClaim, claim()))).toEqual([
      'data',
      'Pending',
      '',
      '',
      '',
      '',
      '<unset>',
      '<unknown>',
      'Filesystem',
    ]);
    expect(row(bound()).slice(1, 5)).toEqual(['Bound', 'disk', '1Gi', 'RWO,RWX']);
  });
});
