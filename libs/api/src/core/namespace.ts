import {
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  nameIsDNSLabel,
} from '@pilothouse/apimachinery';
import type { Namespace } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { keepStored } from './keep-stored.ts';
import { pushInvalid } from './validation/push-invalid.ts';
import { METADATA_NAME_LABEL } from './well-known.ts';

/** The finalizer that keeps a namespace until its contents are gone. */
const KUBERNETES_FINALIZER = 'kubernetes';
const UNQUALIFIED_FINALIZERS = [KUBERNETES_FINALIZER, 'orphan', 'foregroundDeletion'];

export const namespace: KindBehaviour<Namespace> = {
  group: '',
  kind: 'Namespace',
  defaults: (each) => {
    labelWithName(each);
    (each.status ??= {}).phase ||= 'Active';
  },
  columns: [nameColumn, column<Namespace>('Status', ({ status }) => status?.phase ?? ''), ageColumn],
  strategy: {
    prepareForCreate: (each: Namespace) => {
      each.status = { phase: 'Active' };
      const spec = (each.spec ??= {});
      if (!spec.finalizers?.includes(KUBERNETES_FINALIZER)) {
        spec.finalizers = [...(spec.finalizers ?? []), KUBERNETES_FINALIZER];
      }
      labelWithName(each);
    },
    prepareForUpdate: (next: Namespace, old: Namespace) => {
      keepStored((next.spec ??= {}), old.spec ?? {}, 'finalizers');
      keepStored(next, old, 'status');
    },
    validate: ({ spec }: Namespace) => {
      const errors: FieldError[] = [];
      for (const finalizer of spec?.finalizers ?? []) {
        validateFinalizer(finalizer, fieldPath('spec', 'finalizers'), errors);
      }
      return errors;
    },
    validateUpdate: () => [],
    updateChecks: ['metadata', 'object', 'metadataUpdate'],
    allowUnconditionalUpdate: true,
    validateName: nameIsDNSLabel,
    selectableFields: {
      'metadata.name': ({ metadata }: Namespace) => metadata.name ?? '',
      'status.phase': ({ status }: Namespace) => status?.phase ?? '',
    },
    exactFieldLabels: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: Namespace, old: Namespace) => keepStored(next, old, 'spec'),
        validateUpdate: validatePhase,
      },
    },
    finalize: {
      strategy: {
        prepareForUpdate: (next: Namespace, old: Namespace) => keepStored(next, old, 'status'),
        validateUpdate: ({ spec }: Namespace) => {
          const errors: FieldError[] = [];
          spec?.finalizers?.forEach((finalizer, index) => {
            validateFinalizer(finalizer, fieldPath('spec', 'finalizers').index(index), errors);
          });
          return errors;
        },
      },
    },
  },
};

/** So that a namespace can be selected by name, as network policies do. Clients cannot change it. */
function labelWithName({ metadata }: Namespace): void {
  if (metadata.name) (metadata.labels ??= {})[METADATA_NAME_LABEL] = metadata.name;
}

function validateFinalizer(name: string, path: FieldPath, errors: FieldError[]): void {
  pushInvalid(errors, path, name, isQualifiedName(name));
  if (name.includes('/') || UNQUALIFIED_FINALIZERS.includes(name)) return;
  const detail = 'name is neither a standard finalizer name nor is it fully qualified';
  errors.push(invalidValue(path, name, detail));
}

/** Terminating is what a deleted namespace is, and nothing else. */
function validatePhase({ metadata, status }: Namespace): FieldError[] {
  const phase = status?.phase ?? '';
  const path = fieldPath('status', 'Phase');
  if (!metadata.deletionTimestamp) {
    if (phase === 'Active') return [];
    return [invalidValue(path, phase, "may only be 'Active' if `deletionTimestamp` is empty")];
  }
  if (phase === 'Terminating') return [];
  return [invalidValue(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
}
