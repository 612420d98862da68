import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isValidGroupID,
  isValidUserID,
  notSupported,
} from '@pilothouse/apimachinery';
import type { Container, ContainerStatus, Pod, PodSpec } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';
import { shouldContainerRestart } from './container-restart.ts';

const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'];
const CLAIM_PREFIX = 'claim:';
const BAD_CLAIM =
  "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";

/** The statuses of a pod's containers, each list against the containers it is about. */
export function validateContainerStatuses(pod: Pod, old: Pod, path: FieldPath, errors: FieldError[]): void {
  const lists = [
    ['containerStatuses', pod.spec.containers ?? []],
    ['initContainerStatuses', pod.spec.initContainers ?? []],
    ['ephemeralContainerStatuses', undefined],
  ] as const;
  for (const [field, containers] of lists) {
    const statuses = pod.status?.[field] ?? [];
    const was = old.status?.[field] ?? [];
    if (statuses.length === 0 && was.length === 0) continue;
    const at = path.child(field);
    validateTransitions(statuses, was, old.spec, field === 'ephemeralContainerStatuses' ? [] : containers, at, errors);
    statuses.forEach((status, index) => {
      validateUser(status, pod.spec.os?.name ?? 'linux', at.index(index), errors);
      validateAllocatedResources(status, containers, at.index(index), errors);
    });
  }
}

/** Terminated is the end, unless the container is to be started again. */
function validateTransitions(
  statuses: readonly ContainerStatus[],
  old: readonly ContainerStatus[],
  spec: PodSpec,
  containers: readonly Container[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (containers?.length !== 0 && restartsAll(spec)) return;
  old.forEach((was, index) => {
    const terminated = was.state?.terminated;
    if (!terminated) return;
    const status = statuses.find((each) => each.name === was.name);
    if (!status || status.state?.terminated) return;
    const container = containers?.find((each) => each.name === was.name);
    if (container && shouldContainerRestart(container, spec, terminated.exitCode)) return;
    const detail = 'may not be transitioned to non-terminated state';
    errors.push(forbiddenField(path.index(index).child('state'), detail));
  });
}

/** One container's rule can restart them all (KEP-5532). */
const restartsAll = (spec: PodSpec): boolean =>
  [...(spec.containers ?? []), ...(spec.initContainers ?? [])].some((container) =>
    container.restartPolicyRules?.some((rule) => rule.action === 'RestartAllContainers'),
  );

function validateUser({ user }: ContainerStatus, os: string, path: FieldPath, errors: FieldError[]): void {
  const linux = user?.linux;
  if (!linux) return;
  const at = path.child('user', 'linux');
  if (os === 'windows') {
    errors.push(forbiddenField(at, 'cannot be set for a windows pod'));
    return;
  }
  pushInvalid(errors, at.child('uid'), linux.uid, isValidUserID(linux.uid));
  pushInvalid(errors, at.child('gid'), linux.gid, isValidGroupID(linux.gid));
  linux.supplementalGroups?.forEach((group, index) => {
    pushInvalid(errors, at.child('supplementalGroups').index(index), group, isValidGroupID(group));
  });
}

/** The health of the devices a container was given (KEP-4680). */
function validateAllocatedResources(
  status: ContainerStatus,
  containers: readonly Container[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const allocated = status.allocatedResourcesStatus;
  if (!allocated?.length) return;
  const listPath = path.child('allocatedResourcesStatus');
  if (containers === undefined) {
    errors.push(forbiddenField(listPath, 'must not be specified in container status'));
    return;
  }
  const container = containers.find((each) => each.name === status.name);
  allocated.forEach(({ name, resources }, i) => {
    if (container && !isRequested(name, container)) {
      const detail = name.startsWith(CLAIM_PREFIX) ? BAD_CLAIM : "must match one of the container's resource requests";
      errors.push(invalidValue(listPath.index(i).child('name'), name, detail));
    }
    const ids = new Set<string>();
    resources?.forEach(({ resourceID, health }, j) => {
      const at = listPath.index(i).child('resources').index(j);
      if (!HEALTH.includes(health ?? '')) errors.push(notSupported(at.child('health'), health, HEALTH));
      if (ids.has(resourceID)) errors.push(duplicate(at.child('resourceID'), resourceID));
      ids.add(resourceID);
    });
  });
}

function isRequested(name: string, { resources }: Container): boolean {
  if (!name.startsWith(CLAIM_PREFIX)) return resources?.requests?.[name] !== undefined;
  return (resources?.claims ?? []).some((claim) => {
    return name === `${CLAIM_PREFIX}${claim.name}${claim.request ? `/${claim.request}` : ''}`;
  });
}
