import { type FieldPath, invalidValue, isValidGroupID, isValidUserID, notSupported } from '@pilothouse/apimachinery';
import type { SecurityContext } from '@pilothouse/api';
import { type InternalFields, internalForm } from '../validation/internal-form.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import type { PodSpecContext } from './pod-validation-options.ts';
import { PROFILE_FIELDS, validateAppArmorProfile, validateSeccompProfile } from './security-profiles.ts';
import { validateWindowsOptions } from './windows-options.ts';

const PROC_MOUNTS = ['Default', 'Unmasked'];

/** As upstream declares a SecurityContext. */
const FIELDS: InternalFields = {
  Capabilities: ['capabilities', null, { Add: ['add', null], Drop: ['drop', null] }],
  Privileged: ['privileged', null],
  SELinuxOptions: [
    'seLinuxOptions',
    null,
    { User: ['user', ''], Role: ['role', ''], Type: ['type', ''], Level: ['level', ''] },
  ],
  WindowsOptions: [
    'windowsOptions',
    null,
    {
      GMSACredentialSpecName: ['gmsaCredentialSpecName', null],
      GMSACredentialSpec: ['gmsaCredentialSpec', null],
      RunAsUserName: ['runAsUserName', null],
      HostProcess: ['hostProcess', null],
    },
  ],
  RunAsUser: ['runAsUser', null],
  RunAsGroup: ['runAsGroup', null],
  RunAsNonRoot: ['runAsNonRoot', null],
  ReadOnlyRootFilesystem: ['readOnlyRootFilesystem', null],
  AllowPrivilegeEscalation: ['allowPrivilegeEscalation', null],
  ProcMount: ['procMount', null],
  SeccompProfile: ['seccompProfile', null, PROFILE_FIELDS],
  AppArmorProfile: ['appArmorProfile', null, PROFILE_FIELDS],
};

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
    const refuse = (what: string) => {
      const detail = `cannot set \`allowPrivilegeEscalation\` to false and ${what}`;
      errors.push(invalidValue(path, internalForm(security, FIELDS), detail));
    };
    if (security.privileged) refuse('`privileged` to true');
    for (const added of security.capabilities?.add ?? []) {
      if (added === 'CAP_SYS_ADMIN') refuse('`capabilities.Add` CAP_SYS_ADMIN');
    }
  }
  if (security.windowsOptions) validateWindowsOptions(security.windowsOptions, path.child('windowsOptions'), errors);
  if (security.appArmorProfile) {
    validateAppArmorProfile(security.appArmorProfile, path.child('appArmorProfile'), errors);
  }
}
