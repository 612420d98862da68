import { fieldPath } from '@pilothouse/apimachinery';
import type { PersistentVolumeClaim } from '@pilothouse/api';
import type { KindBehaviour } from '../../kind.ts';
import { ageColumn, column, nameColumn, UNSET } from '../../printing/index.ts';
import { keepStored } from '../keep-stored.ts';
import { accessModesCell } from '../persistent-volume/access-modes.ts';
import { defaultPersistentVolumeClaimSpec } from '../pod-spec/default-volume.ts';
import { claimSpecWarnings } from '../pod-spec/volumes/volume-warnings.ts';
import { roundUpResourceList } from '../resource-list.ts';
import { BETA_STORAGE_CLASS_ANNOTATION } from '../well-known.ts';
import { validatePersistentVolumeClaimSpec } from './claim-spec.ts';
import { prepareDataSources } from './data-sources.ts';
import { validateClaimStatusUpdate, validateClaimUpdate } from './validate-claim-update.ts';

const SPEC = fieldPath('spec');

export const persistentVolumeClaim: KindBehaviour<PersistentVolumeClaim> = {
  group: '',
  kind: 'PersistentVolumeClaim',
  defaults: (each) => {
    defaultPersistentVolumeClaimSpec((each.spec ??= {}));
    const status = (each.status ??= {});
    status.phase ||= 'Pending';
    roundUpResourceList(status.capacity);
    roundUpResourceList(status.allocatedResources);
  },
  columns: [
    nameColumn,
    column<PersistentVolumeClaim>('Status', ({ metadata, status }) => {
      return metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '');
    }),
    column<PersistentVolumeClaim>('Volume', ({ spec }) => spec?.volumeName ?? ''),
    column<PersistentVolumeClaim>('Capacity', ({ spec, status }) => {
      return spec?.volumeName ? (status?.capacity?.storage ?? '0') : '';
    }),
    column<PersistentVolumeClaim>('Access Modes', ({ spec, status }) => {
      return spec?.volumeName ? accessModesCell(status?.accessModes) : '';
    }),
    column<PersistentVolumeClaim>('StorageClass', ({ metadata, spec }) => {
      return metadata.annotations?.[BETA_STORAGE_CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';
    }),
    column<PersistentVolumeClaim>('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? UNSET),
    ageColumn,
    column<PersistentVolumeClaim>('VolumeMode', ({ spec }) => spec?.volumeMode ?? UNSET, { wide: true }),
  ],
  strategy: {
    prepareForCreate: (each: PersistentVolumeClaim) => {
      each.status = { phase: 'Pending' };
      prepareDataSources((each.spec ??= {}), undefined);
    },
    prepareForUpdate: (next: PersistentVolumeClaim, old: PersistentVolumeClaim) => {
      keepStored(next, old, 'status');
      prepareDataSources((next.spec ??= {}), old.spec);
    },
    validate: ({ spec }: PersistentVolumeClaim) => validatePersistentVolumeClaimSpec(spec ?? {}, SPEC),
    validateUpdate: validateClaimUpdate,
    updateChecks: ['metadataUpdate', 'metadata', 'update'],
    warnings: ({ metadata, spec }: PersistentVolumeClaim) => {
      const warnings: string[] = [];
      if (metadata.annotations?.[BETA_STORAGE_CLASS_ANNOTATION] !== undefined) {
        const at = fieldPath('metadata', 'annotations').key(BETA_STORAGE_CLASS_ANNOTATION);
        warnings.push(`${at}: deprecated since v1.8; use "storageClassName" attribute instead`);
      }
      claimSpecWarnings(spec ?? {}, SPEC, warnings);
      return warnings;
    },
    allowUnconditionalUpdate: true,
    deleteReturnsObject: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: PersistentVolumeClaim, old: PersistentVolumeClaim) => keepStored(next, old, 'spec'),
        validateUpdate: validateClaimStatusUpdate,
      },
    },
  },
};
