import {
  duplicate,
  FIELD_IMMUTABLE,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  internalFieldError,
  invalidValue,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  required,
} from '@pilothouse/apimachinery';
import type { Pod, PodCondition, PodExtendedResourceClaimStatus, PodResourceClaimStatus } from '@pilothouse/api';
import { ipFamily, validateLegacyIp } from '../validation/ip-address.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import { validateContainerStatuses, validateStateTransitions } from './validate-container-statuses.ts';
import { validateAnnotationUpdate } from './validate-pod-update.ts';

const STATUS = fieldPath('status');
const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized'];
const NOT_A_GENERATION = 'must be a non-negative integer';

/** Changes to a pod's status that do not happen to a pod. */
export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = validateAnnotationUpdate(pod, old);
  const [status, was] = [pod.status ?? {}, old.status ?? {}];
  validateConditions(status.conditions ?? [], STATUS.child('conditions'), errors);
  const nominated = status.nominatedNodeName;
  if (nominated && nominated !== was.nominatedNodeName) {
    const at = STATUS.child('nominatedNodeName');
    pushInvalid(errors, at, nominated, isDNS1123Subdomain(nominated));
    if (old.spec.nodeName) errors.push(forbiddenField(at, 'may not be set on pods that are already bound to a node'));
  }
  if ((status.observedGeneration ?? 0) < 0) {
    errors.push(invalidValue(STATUS.child('observedGeneration'), status.observedGeneration, NOT_A_GENERATION));
  }
  if ((status.qosClass ?? '') !== (was.qosClass ?? '')) {
    errors.push(invalidValue(STATUS.child('qosClass'), status.qosClass ?? '', FIELD_IMMUTABLE));
  }
  validateStateTransitions(pod, old, STATUS, errors);
  validateClaimStatuses(status.resourceClaimStatuses ?? [], pod, STATUS.child('resourceClaimStatuses'), errors);
  const extended = status.extendedResourceClaimStatus;
  if (extended) validateExtendedClaim(extended, pod, STATUS.child('extendedResourceClaimStatus'), errors);
  const ips = (list: readonly { readonly ip?: string }[] | undefined): string[] =>
    (list ?? []).map(({ ip = '' }) => ip);
  validateAddresses(ips(status.podIPs), ips(was.podIPs), STATUS.child('podIPs'), errors);
  const hostIPs = ips(status.hostIPs);
  if (hostIPs.length > 0 && status.hostIP !== hostIPs[0]) {
    errors.push(invalidValue(STATUS.child('hostIPs').index(0).child('ip'), hostIPs[0], 'must be equal to `hostIP`'));
  }
  validateAddresses(hostIPs, ips(was.hostIPs), STATUS.child('hostIPs'), errors);
  validateContainerStatuses(pod, STATUS, errors);
  return errors;
}

function validateConditions(conditions: readonly PodCondition[], path: FieldPath, errors: FieldError[]): void {
  conditions.forEach(({ type, observedGeneration = 0 }, index) => {
    const at = path.index(index);
    if (observedGeneration < 0) {
      errors.push(invalidValue(at.child('observedGeneration'), observedGeneration, NOT_A_GENERATION));
    }
    if (!SYSTEM_CONDITIONS.includes(type)) pushInvalid(errors, at.child('Type'), type, isQualifiedName(type));
  });
}

/** At most one address of each family. */
function validateAddresses(
  addresses: readonly string[],
  old: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  addresses.forEach((address, index) => validateLegacyIp(address, path.index(index), errors, old));
  if (addresses.length <= 1) return;
  const unknown = addresses.findIndex((address) => ipFamily(address) === undefined);
  if (unknown >= 0) {
    errors.push(internalFieldError(path, `failed to check for dual stack with error:invalid IP[${unknown}]: <nil>`));
  }
  const families = new Set(addresses.map(ipFamily));
  if (addresses.length > 2 || unknown >= 0 || families.size !== 2) {
    const value = addresses.map((ip) => ({ IP: ip }));
    errors.push(invalidValue(path, value, 'may specify no more than one IP for each IP family'));
  }
}

function validateClaimStatuses(
  statuses: readonly PodResourceClaimStatus[],
  pod: Pod,
  path: FieldPath,
  errors: FieldError[],
): void {
  const names = new Set<string>();
  statuses.forEach(({ name, resourceClaimName }, index) => {
    const at = path.index(index);
    if (!pod.spec.resourceClaims?.some((claim) => claim.name === name)) {
      errors.push(invalidValue(at.child('name'), name, 'must match the name of an entry in `spec.resourceClaims`'));
    }
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    names.add(name);
    if (resourceClaimName !== undefined) {
      pushInvalid(errors, at.child('resourceClaimName'), resourceClaimName, isDNS1123Subdomain(resourceClaimName));
    }
  });
}

/** The claim that was made for extended resources (KEP-5004), and which of its requests serves which container. */
function validateExtendedClaim(
  { requestMappings, resourceClaimName }: PodExtendedResourceClaimStatus,
  { spec }: Pod,
  path: FieldPath,
  errors: FieldError[],
): void {
  const mappings = requestMappings ?? [];
  if (mappings.length === 0) {
    errors.push(required(path.child('requestMappings'), 'at least one request mapping is required'));
  }
  const seen = new Set<string>();
  mappings.forEach((mapping, index) => {
    const at = path.child('requestMappings').index(index);
    const { containerName = '', resourceName = '', requestName = '' } = mapping;
    const container = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].find(
      (each) => each.name === containerName,
    );
    if (!container) {
      const detail = 'must match the name of an entry in spec.initContainers.name or spec.containers.name';
      errors.push(invalidValue(at.child('containerName'), containerName, detail));
    } else if (container.resources?.requests?.[resourceName] === undefined) {
      const detail =
        'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';
      errors.push(invalidValue(at.child('resourceName'), resourceName, detail));
    }
    pushInvalid(errors, path.child('requestName'), requestName, isDNS1123Label(requestName));
    const key = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(key)) {
      for (const field of ['containerName', 'resourceName', 'requestName'] as const) {
        errors.push(duplicate(at.child(field), mapping[field] ?? ''));
      }
    }
    seen.add(key);
  });
  if (!resourceClaimName) errors.push(required(path.child('resourceClaimName')));
  else pushInvalid(errors, path.child('resourceClaimName'), resourceClaimName, isDNS1123Subdomain(resourceClaimName));
}
