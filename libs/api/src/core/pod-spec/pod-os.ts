import { type FieldError, type FieldPath, forbiddenField, notSupported, required } from '@pilothouse/apimachinery';
import type { PodOS, PodSpec } from '@pilothouse/api';
import type { PodSpecContext } from './pod-validation-options.ts';
import { visitContainers } from './visit-containers.ts';

const SYSTEMS = ['linux', 'windows'];
const NOT_ON_WINDOWS = 'cannot be set for a windows pod';
const NOT_ON_LINUX = 'windows options cannot be set for a linux pod';

const LINUX_POD_SECURITY = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;

const LINUX_POD_FIELDS = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const;

const LINUX_CONTAINER_SECURITY = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

/** A pod that names its operating system may not ask for what only the other one has (KEP-2802). */
export function validatePodOs(os: PodOS, path: FieldPath, { spec, errors }: PodSpecContext): void {
  if (!os.name) errors.push(required(path.child('os', 'name')));
  else if (!SYSTEMS.includes(os.name)) errors.push(notSupported(path.child('os'), os.name, SYSTEMS));
  else if (os.name === 'linux') validateLinux(spec, path, errors);
  else validateWindows(spec, path, errors);
}

function validateLinux(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  if (spec.securityContext?.windowsOptions) {
    errors.push(forbiddenField(path.child('securityContext', 'windowsOptions'), NOT_ON_LINUX));
  }
  visitContainers(spec, path, (container, at) => {
    if (!container.securityContext?.windowsOptions) return;
    errors.push(forbiddenField(at.child('securityContext', 'windowsOptions'), NOT_ON_LINUX));
  });
}

function validateWindows(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  for (const field of LINUX_POD_SECURITY) {
    if (spec.securityContext?.[field] === undefined) continue;
    errors.push(forbiddenField(path.child('securityContext', field), NOT_ON_WINDOWS));
  }
  for (const field of LINUX_POD_FIELDS) {
    const set = field === 'hostPID' || field === 'hostIPC' ? spec[field] : spec[field] !== undefined;
    if (set) errors.push(forbiddenField(path.child(field), NOT_ON_WINDOWS));
  }
  visitContainers(spec, path, (container, at) => {
    for (const field of LINUX_CONTAINER_SECURITY) {
      if (container.securityContext?.[field] === undefined) continue;
      errors.push(forbiddenField(at.child('securityContext', field), NOT_ON_WINDOWS));
    }
  });
}
