import { type FieldError, type FieldPath, forbiddenField, notSupported, required } from '@pilothouse/apimachinery';
import type { PodOS, PodSecurityContext, PodSpec } from '@pilothouse/api';
import type { PodSpecContext } from './pod-validation-options.ts';
import { visitContainers } from './visit-containers.ts';

const SYSTEMS = ['linux', 'windows'];
const NOT_ON_WINDOWS = 'cannot be set for a windows pod';
const NOT_ON_LINUX = 'windows options cannot be set for a linux pod';

/** What of a pod only Linux has, in upstream's order: fields of its security context, and fields of the spec itself. */
const LINUX_POD: readonly (readonly ['securityContext', keyof PodSecurityContext] | readonly [keyof PodSpec])[] = [
  ['securityContext', 'appArmorProfile'],
  ['securityContext', 'seLinuxOptions'],
  ['hostUsers'],
  ['hostPID'],
  ['hostIPC'],
  ['securityContext', 'seccompProfile'],
  ['securityContext', 'fsGroup'],
  ['securityContext', 'fsGroupChangePolicy'],
  ['securityContext', 'sysctls'],
  ['shareProcessNamespace'],
  ['securityContext', 'runAsUser'],
  ['securityContext', 'runAsGroup'],
  ['securityContext', 'supplementalGroups'],
  ['securityContext', 'supplementalGroupsPolicy'],
  ['securityContext', 'seLinuxChangePolicy'],
];

/** Of these, only what is switched on counts. */
const SWITCHES: ReadonlySet<string> = new Set(['hostPID', 'hostIPC']);

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
  for (const [field, inContext] of LINUX_POD) {
    const value = inContext === undefined ? spec[field] : spec.securityContext?.[inContext];
    if (value === undefined || (SWITCHES.has(field) && !value)) continue;
    const at = inContext === undefined ? path.child(field) : path.child(field, inContext);
    errors.push(forbiddenField(at, NOT_ON_WINDOWS));
  }
  visitContainers(spec, path, (container, at) => {
    for (const field of LINUX_CONTAINER_SECURITY) {
      if (container.securityContext?.[field] === undefined) continue;
      errors.push(forbiddenField(at.child('securityContext', field), NOT_ON_WINDOWS));
    }
  });
}
