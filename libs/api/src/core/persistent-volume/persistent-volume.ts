import { fieldPath, type RequestContext } from '@pilothouse/apimachinery';
import type { PersistentVolume } from '@pilothouse/api';
import type { KindBehaviour } from '../../kind.ts';
import { ageColumn, column, nameColumn, UNSET } from '../../printing/index.ts';
import { keepStored } from '../keep-stored.ts';
import { DEPRECATED_NODE_LABELS } from '../pod-spec/deprecated-node-labels.ts';
import { roundUpResourceList } from '../resource-list.ts';
import { BETA_STORAGE_CLASS_ANNOTATION } from '../well-known.ts';
import { accessModesCell } from './access-modes.ts';
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './validate-persistent-volume.ts';

export const persistentVolume: KindBehaviour<PersistentVolume> = {
  group: '',
  kind: 'PersistentVolume',
  defaults: (each) => {
    const spec = (each.spec ??= {});
    roundUpResourceList(spec.capacity);
    spec.persistentVolumeReclaimPolicy ||= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    if (spec.hostPath) spec.hostPath.type ??= '';
    (each.status ??= {}).phase ||= 'Pending';
  },
  columns: [
    nameColumn,
    column<PersistentVolume>('Capacity', ({ spec }) => spec?.capacity?.storage ?? '0'),
    column<PersistentVolume>('Access Modes', ({ spec }) => accessModesCell(spec?.accessModes)),
    column<PersistentVolume>('Reclaim Policy', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
    column<PersistentVolume>('Status', ({ metadata, status }) => {
      return metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '');
    }),
    column<PersistentVolume>('Claim', ({ spec }) => {
      return spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '';
    }),
    column<PersistentVolume>('StorageClass', ({ metadata, spec }) => {
      return metadata.annotations?.[BETA_STORAGE_CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';
    }),
    column<PersistentVolume>('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? UNSET),
    column<PersistentVolume>('Reason', ({ status }) => status?.reason ?? ''),
    ageColumn,
    column<PersistentVolume>('VolumeMode', ({ spec }) => spec?.volumeMode ?? UNSET, { wide: true }),
  ],
  strategy: {
    prepareForCreate: (each: PersistentVolume, { now }: RequestContext) => {
      each.status = { phase: 'Pending', lastPhaseTransitionTime: timeOf(now) };
    },
    prepareForUpdate: (next: PersistentVolume, old: PersistentVolume) => keepStored(next, old, 'status'),
    validate: validatePersistentVolume,
    validateUpdate: validatePersistentVolumeUpdate,
    updateChecks: ['metadata', 'object', 'metadata', 'update'],
    warnings: volumeWarnings,
    allowUnconditionalUpdate: true,
    deleteReturnsObject: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: PersistentVolume, old: PersistentVolume, { now }: RequestContext) => {
          keepStored(next, old, 'spec');
          const [status, was] = [(next.status ??= {}), old.status ?? {}];
          const untouched =
            !status.lastPhaseTransitionTime || status.lastPhaseTransitionTime === was.lastPhaseTransitionTime;
          if (status.phase !== was.phase) {
            if (untouched) status.lastPhaseTransitionTime = timeOf(now);
          } else if (!status.lastPhaseTransitionTime) keepStored(status, was, 'lastPhaseTransitionTime');
        },
        validateUpdate: () => [],
      },
    },
  },
};

/** To the second, as Kubernetes keeps time. */
const timeOf = (now: Date): string => `${now.toISOString().slice(0, 19)}Z`;

function volumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const warnings: string[] = [];
  spec?.nodeAffinity?.required?.nodeSelectorTerms?.forEach((term, i) => {
    const at = fieldPath('spec', 'nodeAffinity', 'required', 'nodeSelectorTerms').index(i);
    term.matchExpressions?.forEach(({ key }, j) => {
      const text = DEPRECATED_NODE_LABELS.get(key);
      if (text) warnings.push(`${at.child('matchExpressions').index(j).child('key')}: ${key} is ${text}`);
    });
  });
  if (metadata.annotations?.[BETA_STORAGE_CLASS_ANNOTATION] !== undefined) {
    const at = fieldPath('metadata', 'annotations').key(BETA_STORAGE_CLASS_ANNOTATION);
    warnings.push(`${at}: deprecated since v1.8; use "storageClassName" attribute instead`);
  }
  if (spec?.persistentVolumeReclaimPolicy === 'Recycle') {
    const at = fieldPath('spec', 'persistentVolumeReclaimPolicy');
    warnings.push(
      `${at}: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.`,
    );
  }
  return warnings;
}
