import { type FieldError, type FieldPath, inclusiveRangeError, invalidValue, required } from '@pilothouse/apimachinery';
import type { ISCSIPersistentVolumeSource, ISCSIVolumeSource } from '@pilothouse/api';

type Iscsi = ISCSIVolumeSource | ISCSIPersistentVolumeSource;

/** The three naming schemes of iSCSI nodes, by prefix. */
const FORMATS: ReadonlyMap<string, RegExp> = new Map([
  ['iqn', /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\t\n\f\r ]+)$/],
  ['eui', /^eui.[a-zA-Z0-9]{16}$/],
  ['naa', /^naa.[a-zA-Z0-9]{32}$/],
]);
const BAD_NAME = 'must be valid format';
const MAX_INTERFACE_NAME = 64;

export const TOO_LONG_FOR_ISCSI =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

/** An initiator of its own gets an interface named after volume and portal. */
export const isTooLongForIscsi = (volumeName: string, iscsi: Iscsi | undefined): boolean =>
  iscsi?.initiatorName !== undefined &&
  Buffer.byteLength(`${volumeName}:${iscsi.targetPortal ?? ''}`) > MAX_INTERFACE_NAME;

/** In a pod's volume. */
export function validateIscsi(iscsi: ISCSIVolumeSource, path: FieldPath, errors: FieldError[]): void {
  if (!iscsi.targetPortal) errors.push(required(path.child('targetPortal')));
  validateTarget(iscsi, path, errors, `${BAD_NAME} starting with iqn, eui, or naa`);
  validateInitiator(iscsi, path, errors, `${BAD_NAME} starting with iqn, eui, or naa`);
}

/** In a PersistentVolume: its secret needs a name, and its refusals say less. */
export function validatePersistentIscsi(
  iscsi: ISCSIPersistentVolumeSource,
  volumeName: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!iscsi.targetPortal) errors.push(required(path.child('targetPortal')));
  if (isTooLongForIscsi(volumeName, iscsi)) {
    errors.push(invalidValue(path.child('targetportal'), iscsi.targetPortal ?? '', TOO_LONG_FOR_ISCSI));
  }
  validateTarget(iscsi, path, errors, BAD_NAME);
  if (iscsi.secretRef && !iscsi.secretRef.name) errors.push(required(path.child('secretRef', 'name')));
  validateInitiator(iscsi, path, errors, BAD_NAME);
}

function validateTarget(iscsi: Iscsi, path: FieldPath, errors: FieldError[], unknownScheme: string): void {
  if (!iscsi.iqn) errors.push(required(path.child('iqn')));
  else validateNodeName(iscsi.iqn, path.child('iqn'), errors, unknownScheme);
  const lun = iscsi.lun ?? 0;
  if (lun < 0 || lun > 255) errors.push(invalidValue(path.child('lun'), lun, inclusiveRangeError(0, 255)));
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !iscsi.secretRef) {
    errors.push(required(path.child('secretRef')));
  }
}

function validateInitiator(iscsi: Iscsi, path: FieldPath, errors: FieldError[], unknownScheme: string): void {
  if (iscsi.initiatorName === undefined) return;
  validateNodeName(iscsi.initiatorName, path.child('initiatorname'), errors, unknownScheme);
}

function validateNodeName(name: string, path: FieldPath, errors: FieldError[], unknownScheme: string): void {
  const format = FORMATS.get(name.slice(0, 3));
  if (!format) errors.push(invalidValue(path, name, unknownScheme));
  else if (!format.test(name)) errors.push(invalidValue(path, name, BAD_NAME));
}
