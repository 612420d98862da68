import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Label,
  isDNS1123Subdomain,
  isInRange,
  notSupported,
  required,
  tooLong,
  validateLabels,
} from '@pilothouse/apimachinery';
import type { PodSpec } from '@pilothouse/api';
import { MAX_INT32 } from '../validation/numbers.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import { validateResourceRequirements } from '../resources/validate-resource-requirements.ts';
import { validateContainerResourceName } from '../resources/validate-resource-name.ts';
import { validateAffinity } from './affinity.ts';
import { validateContainers } from './containers.ts';
import { validateDnsConfig, validateHostAliases } from './dns.ts';
import { validateEphemeralContainers } from './ephemeral-containers.ts';
import { validateFileKeyVolumes } from './env.ts';
import { validateInitContainers } from './init-containers.ts';
import { validatePodLevelResources } from './pod-level-resources.ts';
import { validatePodOs } from './pod-os.ts';
import { validatePodSecurityContext } from './pod-security-context.ts';
import type { PodSpecContext, PodValidationOptions } from './pod-validation-options.ts';
import { validateResourceClaims } from './resource-claims.ts';
import { validateReadinessGates, validateSchedulingGates } from './gates.ts';
import { validateTolerations } from './tolerations.ts';
import { validateTopologySpread } from './topology-spread.ts';
import { visitContainers } from './visit-containers.ts';
import { validateHostProcess } from './windows-options.ts';
import { validateVolumes } from './volumes/validate-volumes.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];
const MAX_HOSTNAME = 64;

/**
 * A PodSpec after defaulting, as upstream's `ValidatePodSpec`: same rules, same order, same words. It costs little when
 * nothing is wrong, because every pod of the cluster passes here on every write.
 */
export function validatePodSpec(spec: PodSpec, path: FieldPath, options: PodValidationOptions = {}): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.terminationGracePeriodSeconds === undefined) {
    errors.push(required(path.child('terminationGracePeriodSeconds')));
  }
  const context: PodSpecContext = {
    spec,
    options,
    errors,
    volumes: validateVolumes(spec.volumes ?? [], path.child('volumes'), options, errors),
    claimNames: new Set((spec.resourceClaims ?? []).flatMap((claim) => claim.name || [])),
    hostUsers: spec.hostUsers ?? true,
  };
  validateResourceClaims(spec.resourceClaims ?? [], path.child('resourceClaims'), context);
  validateContainers(spec.containers ?? [], path.child('containers'), context);
  validateInitContainers(spec.initContainers ?? [], path.child('initContainers'), context);
  validateEphemeralContainers(spec.ephemeralContainers ?? [], path.child('ephemeralContainers'), context);
  if (spec.resources) validatePodLevelResources(spec.resources, path.child('resources'), context);
  validateHostPorts(path, context);
  validateEnum(spec.restartPolicy, RESTART_POLICIES, path.child('restartPolicy'), errors);
  validateEnum(spec.dnsPolicy, DNS_POLICIES, path.child('dnsPolicy'), errors);
  if (spec.nodeSelector) errors.push(...validateLabels(spec.nodeSelector, path.child('nodeSelector')));
  if (spec.securityContext) validatePodSecurityContext(spec.securityContext, path.child('securityContext'), context);
  if (spec.affinity) validateAffinity(spec.affinity, path.child('affinity'), errors);
  validateDnsConfig(spec, path.child('dnsConfig'), errors);
  validateReadinessGates(spec.readinessGates ?? [], path.child('readinessGates'), errors);
  validateSchedulingGates(spec.schedulingGates ?? [], path.child('schedulingGates'), errors);
  validateTopologySpread(spec.topologySpreadConstraints ?? [], path.child('topologySpreadConstraints'), errors);
  validateHostProcess(spec, path, errors);
  if (!context.hostUsers) validateUserNamespace(spec, path, errors);
  validateHostnameOverride(spec, path, errors);
  validateNames(spec, ['serviceAccountName', 'nodeName'], isDNS1123Subdomain, path, errors);
  const seconds = spec.activeDeadlineSeconds;
  if (seconds !== undefined) {
    pushInvalid(errors, path.child('activeDeadlineSeconds'), seconds, isInRange(seconds, 1, MAX_INT32));
  }
  validateNames(spec, ['hostname', 'subdomain'], isDNS1123Label, path, errors);
  if (spec.tolerations) validateTolerations(spec.tolerations, path.child('tolerations'), errors);
  if (spec.hostAliases) validateHostAliases(spec.hostAliases, path.child('hostAliases'), errors);
  validateNames(spec, ['priorityClassName'], isDNS1123Subdomain, path, errors);
  const runtimeClass = spec.runtimeClassName;
  if (runtimeClass !== undefined) {
    pushInvalid(errors, path.child('runtimeClassName'), runtimeClass, isDNS1123Subdomain(runtimeClass));
  }
  if (spec.preemptionPolicy !== undefined) {
    validateEnum(spec.preemptionPolicy, PREEMPTION_POLICIES, path.child('preemptionPolicy'), errors);
  }
  if (spec.overhead) {
    const overhead = { limits: spec.overhead };
    validateResourceRequirements(overhead, validateContainerResourceName, path.child('overhead'), errors);
  }
  if (spec.os) validatePodOs(spec.os, path, context);
  if (spec.schedulingGroup) validateSchedulingGroup(spec.schedulingGroup.podGroupName, path, errors);
  validateFileKeyVolumes(spec, path, errors);
  return errors;
}

function validateEnum(
  value: string | undefined,
  valid: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!value) errors.push(required(path));
  else if (!valid.includes(value)) errors.push(notSupported(path, value, valid));
}

type NameField = 'serviceAccountName' | 'nodeName' | 'hostname' | 'subdomain' | 'priorityClassName';

/** Empty counts as unset. */
function validateNames(
  spec: PodSpec,
  fields: readonly NameField[],
  rule: (name: string) => string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const field of fields) {
    const value = spec[field];
    if (value) pushInvalid(errors, path.child(field), value, rule(value));
  }
}

/** On the host's network a container listens on the host's ports; templates may leave the host port out. */
function validateHostPorts(path: FieldPath, { spec, options, errors }: PodSpecContext): void {
  if (!spec.hostNetwork) return;
  (spec.containers ?? []).forEach((container, i) => {
    (container.ports ?? []).forEach((port, j) => {
      const hostPort = port.hostPort ?? 0;
      if ((options.isPod || hostPort !== 0) && hostPort !== port.containerPort) {
        const at = path.child('containers').index(i).child('ports').index(j).child('hostPort');
        errors.push(invalidValue(at, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
      }
    });
  });
}

function validateUserNamespace(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const detail = 'when `hostUsers` is false';
  if (spec.hostNetwork) errors.push(forbiddenField(path.child('hostNetwork'), detail));
  if (spec.hostPID) errors.push(forbiddenField(path.child('HostPID'), detail));
  if (spec.hostIPC) errors.push(forbiddenField(path.child('HostIPC'), detail));
  visitContainers(spec, path, (container, at) => {
    if (container.volumeDevices?.length) errors.push(forbiddenField(at.child('volumeDevices'), detail));
  });
}

function validateHostnameOverride(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const value = spec.hostnameOverride;
  if (value === undefined) return;
  const at = path.child('hostnameOverride');
  if (spec.setHostnameAsFQDN) {
    errors.push(forbiddenField(at, 'may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec.hostNetwork) errors.push(forbiddenField(at, 'may not be specified when hostNetwork is true'));
  if (value.length > MAX_HOSTNAME) errors.push(tooLong(at, MAX_HOSTNAME));
  pushInvalid(errors, at, value, isDNS1123Subdomain(value));
}

function validateSchedulingGroup(podGroupName: string | undefined, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('schedulingGroup', 'podGroupName');
  if (podGroupName === undefined) {
    errors.push(invalidValue(at, undefined, 'must specify one of: `podGroupName`'));
  } else {
    pushInvalid(errors, at, podGroupName, isDNS1123Subdomain(podGroupName));
  }
}
