import { type FieldError, type FieldPath, inclusiveRangeError, invalidValue, required } from '@pilothouse/apimachinery';
import type { ISCSIPersistentVolumeSource, ISCSIVolumeSource } from '@pilothouse/api';

/** The three naming schemes of iSCSI nodes, by prefix. */
const FORMATS: ReadonlyMap<string, RegExp> = new Map([
  ['iqn', /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui.[a-zA-Z0-9]{16}$/],
  ['naa', /^naa.[a-zA-Z0-9]{32}$/],
]);

export function validateIscsi(
  iscsi: ISCSIVolumeSource | ISCSIPersistentVolumeSource,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!iscsi.targetPortal) errors.push(required(path.child('targetPortal')));
  if (!iscsi.iqn) errors.push(required(path.child('iqn')));
  else validateNodeName(iscsi.iqn, path.child('iqn'), errors);
  const lun = iscsi.lun ?? 0;
  if (lun < 0 || lun > 255) errors.push(invalidValue(path.child('lun'), lun, inclusiveRangeError(0, 255)));
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !iscsi.secretRef) {
    errors.push(required(path.child('secretRef')));
  }
  if (iscsi.initiatorName !== undefined) validateNodeName(iscsi.initiatorName, path.child('initiatorname'), errors);
}

function validateNodeName(name: string, path: FieldPath, errors: FieldError[]): void {
  const format = FORMATS.get(name.slice(0, 3));
  if (!format) errors.push(invalidValue(path, name, 'must be valid format starting with iqn, eui, or naa'));
  else if (!format.test(name)) errors.push(invalidValue(path, name, 'must be valid format'));
}
