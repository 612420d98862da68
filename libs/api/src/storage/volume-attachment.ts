import {
  deepEqual,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  inclusiveRangeError,
  invalidValue,
  nameIsDNSSubdomain,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import type { VolumeAttachment, VolumeAttachmentSource } from '@pilothouse/api';
import { validatePersistentVolumeSource } from '../core/persistent-volume/volume-source.ts';
import { validateCsiDriverName } from '../core/pod-spec/volumes/csi.ts';
import { MAX_INT32 } from '../core/validation/numbers.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { internalForm } from '../meta/internal-form.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

const SPEC = fieldPath('spec');
const STATUS = fieldPath('status');
const MAX_METADATA_BYTES = 256 * 1024;
const MAX_MESSAGE = 1024;
const EXACTLY_ONE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

/** The wish that a volume be attached to a node. */
export const volumeAttachment: KindBehaviour<VolumeAttachment> = {
  group: 'storage.k8s.io',
  kind: 'VolumeAttachment',
  columns: [
    nameColumn,
    column<VolumeAttachment>('Attacher', ({ spec }) => spec.attacher, { format: 'name' }),
    column<VolumeAttachment>('PV', ({ spec }) => spec.source?.persistentVolumeName ?? ''),
    column<VolumeAttachment>('Node', ({ spec }) => spec.nodeName),
    column<VolumeAttachment>('Attached', ({ status }) => status?.attached ?? false, { type: 'boolean' }),
    ageColumn,
  ],
  strategy: {
    validate: (each: VolumeAttachment) => [...validateAttachment(each), ...validateNames(each)],
    validateUpdate,
    updateChecks: ['metadata', 'update'],
    allowUnconditionalUpdate: false,
    deleteReturnsObject: true,
  },
  subresources: { status: { strategy: { validateUpdate, updateChecks: ['metadata', 'update'] } } },
};

function validateUpdate(next: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  if (deepEqual(next.spec, old.spec)) return validateAttachment(next);
  const shown = internalForm('storage.v1.VolumeAttachmentSpec', next.spec);
  return [...validateAttachment(next), invalidValue(SPEC, shown, 'field is immutable')];
}

function validateAttachment({ spec, status }: VolumeAttachment): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.attacher) errors.push(required(SPEC.child('attacher')));
  validateSource(spec.source ?? {}, SPEC.child('source'), errors);
  pushInvalid(errors, SPEC.child('nodeName'), spec.nodeName, nameIsDNSSubdomain(spec.nodeName, false));
  const bytes = Object.entries(status?.attachmentMetadata ?? {}).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key + value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES) errors.push(tooLong(STATUS.child('attachmentMetadata'), MAX_METADATA_BYTES));
  for (const name of ['attachError', 'detachError'] as const) {
    const { message = '', errorCode } = status?.[name] ?? {};
    // Upstream names the wrong limit, and so do we.
    if (message.length > MAX_MESSAGE) errors.push(tooLong(STATUS.child(name, 'message'), MAX_METADATA_BYTES));
    if (errorCode !== undefined && errorCode < 0) {
      errors.push(invalidValue(STATUS.child(name, 'errorCode'), errorCode, inclusiveRangeError(0, MAX_INT32)));
    }
  }
  return errors;
}

function validateSource(
  { inlineVolumeSpec: inline, persistentVolumeName: name }: VolumeAttachmentSource,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (inline && name !== undefined) errors.push(forbiddenField(path, EXACTLY_ONE));
  else if (name === '')
    errors.push(required(path.child('persistentVolumeName'), 'must specify non empty persistentVolumeName'));
  else if (inline) validatePersistentVolumeSource(inline, '', path.child('inlineVolumeSpec'), errors);
  else if (name === undefined) errors.push(required(path, EXACTLY_ONE));
}

/** Rules that came with v1, for new objects only. */
function validateNames({ spec }: VolumeAttachment): FieldError[] {
  const errors: FieldError[] = [];
  validateCsiDriverName(spec.attacher, SPEC.child('attacher'), errors);
  const name = spec.source?.persistentVolumeName;
  if (name !== undefined)
    pushInvalid(errors, SPEC.child('source', 'persistentVolumeName'), name, nameIsDNSSubdomain(name, false));
  return errors;
}
