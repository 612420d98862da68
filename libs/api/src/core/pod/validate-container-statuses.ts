import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isValidGroupID,
  isValidUserID,
  notSupported,
  required,
  tooLong,
} from '@pilothouse/apimachinery';
import type { Container, ContainerStatus, Pod, PodSpec } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';
import { shouldContainerRestart } from './container-restart.ts';

const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'];
const MAX_MESSAGE = 1024;
const CLAIM_PREFIX = 'claim:';
const BAD_CLAIM =
  "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";

const LISTS = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** What the statuses of a pod's containers say that cannot have happened since the old ones. */
export function validateStateTransitions(pod: Pod, old: Pod, path: FieldPath, errors: FieldError[]): void {
  const containers = {
    containerStatuses: old.spec.containers ?? [],
    initContainerStatuses: old.spec.initContainers ?? [],
  };
  for (const list of LISTS) {
    const of = list === 'ephemeralContainerStatuses' ? undefined : containers[list];
    const [statuses, was] = [pod.status?.[list] ?? [], old.status?.[list] ?? []];
    validateTransitions(statuses, was, old.spec, of, path.child(list), errors);
  }
}

/** Who the containers run as, and what they were given. */
export function validateContainerStatuses(pod: Pod, path: FieldPath, errors: FieldError[]): void {
  const os = pod.spec.os?.name ?? 'linux';
  for (const list of LISTS) {
    pod.status?.[list]?.forEach((status, index) => validateUser(status, os, path.child(list).index(index), errors));
  }
  const containers = {
    containerStatuses: pod.spec.containers ?? [],
    initContainerStatuses: pod.spec.initContainers ?? [],
  };
  for (const list of LISTS) {
    const of = list === 'ephemeralContainerStatuses' ? undefined : containers[list];
    pod.status?.[list]?.forEach((status, index) =>
      validateAllocatedResources(status, of, path.child(list).index(index), errors),
    );
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
  if (containers && restartsAll(spec)) return;
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
  if (os !== 'windows' && os !== 'linux') return;
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
    resources?.forEach(({ resourceID, health, message }, j) => {
      const at = listPath.index(i).child('resources').index(j);
      if (!HEALTH.includes(health ?? '')) errors.push(notSupported(at.child('health'), health ?? '', HEALTH));
      if (message === '') errors.push(required(at.child('message'), 'must be non-empty if specified'));
      else if (message !== undefined && Buffer.byteLength(message) > MAX_MESSAGE) {
        errors.push(tooLong(at.child('message'), MAX_MESSAGE));
      }
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
