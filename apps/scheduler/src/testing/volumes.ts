import type { PersistentVolume, PersistentVolumeClaim, PodSpec, StorageClass } from '@pilothouse/api';

/** The part of a pod's spec that uses claims. */
export function using(...claims: string[]): Partial<PodSpec> {
  return { volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) };
}

export interface ClaimShape {
  readonly storageClassName?: string;
  /** The volume that it is completely bound to. */
  readonly boundTo?: string;
  readonly size?: string;
  readonly accessModes?: string[];
}

export function claim(
  name: string,
  { storageClassName, boundTo, size = '1Gi', accessModes = ['ReadWriteOnce'] }: ClaimShape = {},
): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      ...(boundTo ? { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } } : {}),
    },
    spec: {
      accessModes,
      resources: { requests: { storage: size } },
      ...(storageClassName ? { storageClassName } : {}),
      ...(boundTo ? { volumeName: boundTo } : {}),
    },
    status: { phase: boundTo ? 'Bound' : 'Pending' },
  };
}

export interface VolumeShape {
  readonly storageClassName?: string;
  readonly size?: string;
  /** The node that alone can reach it. */
  readonly on?: string;
  readonly labels?: Record<string, string>;
  readonly csiDriver?: string;
}

export function volume(
  name: string,
  { storageClassName = '', size = '1Gi', on, labels, csiDriver }: VolumeShape = {},
): PersistentVolume {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [on ?? ''] }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: `uid-${name}`, ...(labels ? { labels } : {}) },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      storageClassName,
      ...(on ? { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } } : {}),
      ...(csiDriver ? { csi: { driver: csiDriver, volumeHandle: name } } : {}),
    },
    status: { phase: 'Available' },
  };
}

/** A class whose volumes are bound when the first pod that uses them has a node. */
export function lateClass(
  name: string,
  provisioner = 'kubernetes.io/no-provisioner',
  rest: Partial<StorageClass> = {},
): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
    ...rest,
  };
}
