import { type FieldPath, invalidValue, isValidGroupID, isValidUserID, notSupported } from '@pilothouse/apimachinery';
import type { SecurityContext } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';
import type { PodSpecContext } from './pod-validation-options.ts';
import { validateAppArmorProfile, validateSeccompProfile } from './security-profiles.ts';
import { validateWindowsOptions } from './windows-options.ts';

const PROC_MOUNTS = ['Default', 'Unmasked'];

export function validateContainerSecurityContext(
  security: SecurityContext,
  path: FieldPath,
  { hostUsers, errors }: PodSpecContext,
): void {
  const { runAsUser, runAsGroup, procMount } = security;
  if (runAsUser !== undefined) pushInvalid(errors, path.child('runAsUser'), runAsUser, isValidUserID(runAsUser));
  if (runAsGroup !== undefined) pushInvalid(errors, path.child('runAsGroup'), runAsGroup, isValidGroupID(runAsGroup));
  if (procMount !== undefined) {
    if (!PROC_MOUNTS.includes(procMount)) errors.push(notSupported(path.child('procMount'), procMount, PROC_MOUNTS));
    if (hostUsers && procMount === 'Unmasked') {
      const detail = '`hostUsers` must be false to use `Unmasked`';
      errors.push(invalidValue(path.child('procMount'), procMount, detail));
    }
  }
  if (security.seccompProfile) validateSeccompProfile(security.seccompProfile, path.child('seccompProfile'), errors);
  if (security.allowPrivilegeEscalation === false) {
    if (security.privileged) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      errors.push(invalidValue(path, security, detail));
    }
    if (security.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(invalidValue(path, security, detail));
    }
  }
  if (security.windowsOptions) validateWindowsOptions(security.windowsOptions, path.child('windowsOptions'), errors);
  if (security.appArmorProfile) {
    validateAppArmorProfile(security.appArmorProfile, path.child('appArmorProfile'), errors);
  }
}
