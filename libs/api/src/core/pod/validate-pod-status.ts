import {
  deepEqual,
  duplicate,
  FIELD_IMMUTABLE,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Subdomain,
  isQualifiedName,
} from '@pilothouse/apimachinery';
import type { Pod, PodCondition, PodResourceClaimStatus } from '@pilothouse/api';
import { ipFamily, validateLegacyIp } from '../validation/ip-address.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import { validateContainerStatuses } from './validate-container-statuses.ts';
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
  validateContainerStatuses(pod, old, STATUS, errors);
  validateClaimStatuses(status.resourceClaimStatuses ?? [], pod, STATUS.child('resourceClaimStatuses'), errors);
  const ips = (list: readonly { readonly ip?: string }[] | undefined): string[] =>
    (list ?? []).map(({ ip = '' }) => ip);
  validateAddresses(ips(status.podIPs), ips(was.podIPs), STATUS.child('podIPs'), errors);
  const hostIPs = ips(status.hostIPs);
  if (hostIPs.length > 0 && status.hostIP !== hostIPs[0]) {
    errors.push(invalidValue(STATUS.child('hostIPs').index(0).child('ip'), hostIPs[0], 'must be equal to `hostIP`'));
  }
  validateAddresses(hostIPs, ips(was.hostIPs), STATUS.child('hostIPs'), errors);
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
  if (deepEqual(addresses, old)) return;
  addresses.forEach((address, index) => validateLegacyIp(address, path.index(index), errors, old));
  if (addresses.length <= 1) return;
  const families = new Set(addresses.map(ipFamily));
  if (addresses.length > 2 || families.size !== 2) {
    const value = addresses.map((ip) => ({ ip }));
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
