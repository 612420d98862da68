import {
  duplicate,
  type FieldPath,
  invalidValue,
  isValidGroupID,
  isValidUserID,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { PodSecurityContext, Sysctl } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';
import type { PodSpecContext } from './pod-validation-options.ts';
import { validateAppArmorProfile, validateSeccompProfile } from './security-profiles.ts';
import { validateWindowsOptions } from './windows-options.ts';

const FS_GROUP_CHANGE_POLICIES = ['Always', 'OnRootMismatch'];
const SUPPLEMENTAL_GROUPS_POLICIES = ['Merge', 'Strict'];
/** With volumes mounted with `-o context` still off by default, relabelling is all there is. */
const SELINUX_CHANGE_POLICIES = ['MountOption', 'Recursive'];
const MAX_SYSCTL_LENGTH = 253;
const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL = new RegExp(`^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`);
const NET_SYSCTL = /^net[./]/;
const IPC_SYSCTL = /^(?:kernel[./](?:shm|msg|sem$)|fs[./]mqueue[./])/;

export function validatePodSecurityContext(
  security: PodSecurityContext,
  path: FieldPath,
  context: PodSpecContext,
): void {
  const { errors } = context;
  const { fsGroup, runAsUser, runAsGroup } = security;
  if (fsGroup !== undefined) pushInvalid(errors, path.child('fsGroup'), fsGroup, isValidGroupID(fsGroup));
  if (runAsUser !== undefined) pushInvalid(errors, path.child('runAsUser'), runAsUser, isValidUserID(runAsUser));
  if (runAsGroup !== undefined) pushInvalid(errors, path.child('runAsGroup'), runAsGroup, isValidGroupID(runAsGroup));
  (security.supplementalGroups ?? []).forEach((group, index) => {
    pushInvalid(errors, path.child('supplementalGroups').index(index), group, isValidGroupID(group));
  });
  if (context.spec.shareProcessNamespace && context.spec.hostPID) {
    // Upstream's internal type has the field here.
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalidValue(path.child('shareProcessNamespace'), true, detail));
  }
  if (security.sysctls) validateSysctls(security.sysctls, path.child('sysctls'), context);
  const oneOf = (
    field: 'fsGroupChangePolicy' | 'supplementalGroupsPolicy' | 'seLinuxChangePolicy',
    valid: string[],
  ) => {
    const value = security[field];
    if (value !== undefined && !valid.includes(value)) errors.push(notSupported(path.child(field), value, valid));
  };
  oneOf('fsGroupChangePolicy', FS_GROUP_CHANGE_POLICIES);
  if (security.seccompProfile) validateSeccompProfile(security.seccompProfile, path.child('seccompProfile'), errors);
  if (security.windowsOptions) validateWindowsOptions(security.windowsOptions, path.child('windowsOptions'), errors);
  if (security.appArmorProfile) {
    validateAppArmorProfile(security.appArmorProfile, path.child('appArmorProfile'), errors);
  }
  oneOf('supplementalGroupsPolicy', SUPPLEMENTAL_GROUPS_POLICIES);
  oneOf('seLinuxChangePolicy', SELINUX_CHANGE_POLICIES);
}

/** Kernel parameters; those of a namespace that the pod shares with the host are the host's. */
function validateSysctls(sysctls: readonly Sysctl[], path: FieldPath, { spec, errors }: PodSpecContext): void {
  const names = new Set<string>();
  sysctls.forEach(({ name = '' }, index) => {
    const at = path.index(index).child('name');
    if (!name) errors.push(required(at));
    else if (name.length > MAX_SYSCTL_LENGTH || !SYSCTL.test(name)) {
      const detail = `must have at most ${MAX_SYSCTL_LENGTH} characters and match regex ${SYSCTL.source}`;
      errors.push(invalidValue(at, name, detail));
    } else if (names.has(name)) errors.push(duplicate(at, name));
    if (spec.hostNetwork && NET_SYSCTL.test(name)) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostNetwork' is true"));
    } else if (spec.hostIPC && IPC_SYSCTL.test(name)) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostIPC' is true"));
    }
    names.add(name);
  });
}
