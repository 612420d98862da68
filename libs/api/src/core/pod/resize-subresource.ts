import {
  deepEqual,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  type Strategy,
} from '@pilothouse/apimachinery';
import type { Container, Pod, PodSpec, ResourceRequirements } from '@pilothouse/api';
import { isSidecar } from '../pod-spec/init-containers.ts';
import { keepStored } from '../keep-stored.ts';
import { MIRROR_POD_ANNOTATION } from '../well-known.ts';
import { keepObjectMeta } from './ephemeral-containers-subresource.ts';
import { qosClassOf } from './qos-class.ts';
import { validatePodContents } from './validate-pod.ts';

const SPEC = fieldPath('spec');
const LISTS = ['containers', 'initContainers'] as const;
const RESIZABLE = ['cpu', 'memory'];

/** `pods/resize`: changes CPU and memory of a running pod in place (KEP-1287), and nothing else. */
export const resizeStrategy: Partial<Strategy> = {
  prepareForUpdate: (pod: Pod, old: Pod) => {
    // A list that was changed in another way is left as it is, for validation to refuse.
    if (LISTS.some((list) => (pod.spec[list]?.length ?? 0) !== (old.spec[list]?.length ?? 0))) return;
    const { resources, containers, initContainers } = pod.spec;
    pod.spec = { ...old.spec, containers: resized(containers, old.spec.containers) ?? [] };
    const initial = resized(initContainers, old.spec.initContainers);
    if (initial) pod.spec.initContainers = initial;
    if (resources) pod.spec.resources = resources;
    else delete pod.spec.resources;
    keepStored(pod, old, 'status');
    keepObjectMeta(pod, old);
  },
  validateUpdate: validateResize,
  updateChecks: ['metadataUpdate', 'metadata', 'update'],
};

function resized(containers: Container[] | undefined, old: Container[] | undefined): Container[] | undefined {
  if (!containers?.every((container, index) => container.name === old?.[index]?.name)) return containers;
  return containers.map((container, index) => {
    const { resources: _resources, resizePolicy: _resizePolicy, ...others } = old?.[index] ?? container;
    return {
      ...others,
      ...(container.resources ? { resources: container.resources } : {}),
      ...(container.resizePolicy ? { resizePolicy: container.resizePolicy } : {}),
    };
  });
}

function validateResize(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR_POD_ANNOTATION] !== undefined) {
    return [forbiddenField(fieldPath(''), 'static pods cannot be resized')];
  }
  if (old.spec.os?.name === 'windows') return [forbiddenField(fieldPath(''), 'windows pods cannot be resized')];
  const errors = validatePodContents(pod);
  if ((old.status?.qosClass || qosClassOf(old.spec)) !== qosClassOf(pod.spec)) {
    const detail = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalidValue(SPEC, pod.status?.qosClass ?? '', detail));
  }
  const running = old.status?.containerStatuses?.find((status) => status.state?.running);
  if (running && !running.resources) {
    errors.push(forbiddenField(SPEC, 'Pod running on node without support for resize'));
  }
  const rest = validatePodLevelResize(pod.spec, old.spec, errors);
  if (old.status?.nodeAllocatableResourceClaimStatuses?.length) {
    errors.push(forbiddenField(SPEC, 'pods with node allocatable resource claims cannot be resized'));
  }
  if (!validateSameContainers(pod.spec, old.spec, errors)) return errors;
  for (const list of ['initContainers', 'containers'] as const) {
    old.spec[list]?.forEach((was, index) => {
      const at = SPEC.child(list).index(index).child('resources');
      validateNothingRemoved(pod.spec[list]?.[index]?.resources, was.resources, at, 'resource', errors);
    });
  }
  const containers = validateContainersResize(pod.spec.containers ?? [], old.spec.containers ?? [], errors);
  const initContainers = validateInitContainersResize(
    pod.spec.initContainers ?? [],
    old.spec.initContainers ?? [],
    errors,
  );
  if (errors.length > 0) return errors;
  const left: PodSpec = { ...rest, containers, ...(pod.spec.initContainers ? { initContainers } : {}) };
  if (!deepEqual(left, old.spec)) errors.push(forbiddenField(SPEC, 'only cpu and memory resources are mutable'));
  return errors;
}

/** Returns the spec with the pod-level CPU and memory put back. */
function validatePodLevelResize(spec: PodSpec, old: PodSpec, errors: FieldError[]): PodSpec {
  const [next, previous] = [spec.resources, old.resources];
  if (!next && !previous) return spec;
  const at = SPEC.child('resources');
  if (!next) {
    errors.push(forbiddenField(at, 'pod-level resources cannot be removed'));
    return spec;
  }
  validateNothingRemoved(next, previous, at, 'pod-level resource', errors);
  const rest = { ...spec, resources: withoutCpuAndMemoryChanges(next, previous) };
  if (previous === undefined && Object.keys(rest.resources).length === 0) {
    const { resources: _, ...others } = rest;
    return others;
  }
  if (!deepEqual(rest.resources, previous)) {
    errors.push(forbiddenField(SPEC, 'only cpu and memory resources are mutable at pod-level'));
  }
  return rest;
}

function validateSameContainers(spec: PodSpec, old: PodSpec, errors: FieldError[]): boolean {
  const before = errors.length;
  for (const list of LISTS) {
    const [next, previous] = [spec[list] ?? [], old[list] ?? []];
    const at = SPEC.child(list);
    if (next.length !== previous.length) {
      errors.push(forbiddenField(at, `${list} may not be added or removed on resize`));
      continue;
    }
    previous.forEach(({ name }, index) => {
      if (next[index]?.name === name) return;
      errors.push(forbiddenField(at.index(index).child('name'), `${list} may not be renamed or reordered on resize`));
    });
  }
  return errors.length === before;
}

function validateContainersResize(
  containers: readonly Container[],
  old: readonly Container[],
  errors: FieldError[],
): Container[] {
  return containers.map((container, index) => {
    const was = old[index] ?? container;
    const rest = unresized(container, was);
    if (!deepEqual(rest, was)) errors.push(forbiddenField(SPEC, 'only cpu and memory resources are mutable'));
    return rest;
  });
}

function validateInitContainersResize(
  containers: readonly Container[],
  old: readonly Container[],
  errors: FieldError[],
): Container[] {
  return containers.map((container, index) => {
    const was = old[index] ?? container;
    const at = SPEC.child('initContainers').index(index);
    const rest = unresized(container, was);
    if (!deepEqual(rest, was)) {
      const detail = 'only cpu and memory resources for init or sidecar containers are mutable';
      errors.push(forbiddenField(at, detail));
    }
    if (isSidecar(container) || deepEqual(container, was)) return rest;
    for (const { restartPolicy } of container.resizePolicy ?? []) {
      if (restartPolicy !== 'RestartContainer') continue;
      const detail = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized';
      errors.push(forbiddenField(at, detail));
    }
    return rest;
  });
}

/** Claims are left out, as upstream does: a container with claims cannot be resized. */
function unresized(container: Container, old: Container): Container {
  const { claims: _claims, ...resources } = withoutCpuAndMemoryChanges(container.resources ?? {}, old.resources);
  if (Object.keys(resources).length > 0 || old.resources !== undefined) return { ...container, resources };
  const { resources: _, ...others } = container;
  return others;
}

/** The resources with CPU and memory as they were. */
function withoutCpuAndMemoryChanges(
  resources: ResourceRequirements,
  old: ResourceRequirements | undefined,
): ResourceRequirements {
  const rest = { ...resources };
  for (const which of ['limits', 'requests'] as const) {
    const list = { ...resources[which] };
    for (const name of RESIZABLE) {
      const was = old?.[which]?.[name];
      if (was === undefined) delete list[name];
      else list[name] = was;
    }
    if (Object.keys(list).length > 0) rest[which] = list;
    else if (old?.[which] === undefined) delete rest[which];
    else rest[which] = {};
  }
  return rest;
}

function validateNothingRemoved(
  resources: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
  path: FieldPath,
  what: string,
  errors: FieldError[],
): void {
  for (const which of ['requests', 'limits'] as const) {
    const removed = Object.keys(old?.[which] ?? {}).some((name) => resources?.[which]?.[name] === undefined);
    if (removed) errors.push(forbiddenField(path.child(which), `${what} ${which} cannot be removed`));
  }
}
