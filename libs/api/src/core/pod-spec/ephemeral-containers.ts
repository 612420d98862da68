import { duplicate, type FieldPath, fieldNotFound, forbiddenField } from '@pilothouse/apimachinery';
import type { EphemeralContainer } from '@pilothouse/api';
import { validateContainer, validateImageBlanks } from './container.ts';
import type { PodSpecContext } from './pod-validation-options.ts';

/** What a workload could come to depend on, in upstream's order. */
const FORBIDDEN_FIELDS = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

const NOT_HERE = 'cannot be set for an Ephemeral Container';

/** `spec.ephemeralContainers`: for debugging only, so nothing a workload could come to depend on. */
export function validateEphemeralContainers(
  containers: readonly EphemeralContainer[],
  path: FieldPath,
  context: PodSpecContext,
): void {
  if (containers.length === 0) return;
  const { errors, spec } = context;
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((each) => each.name));
  const names = new Set(others);
  containers.forEach((container, index) => {
    const at = path.index(index);
    validateContainer(container, at, context);
    validateImageBlanks(container, at, errors);
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(fieldNotFound(at.child('targetContainerName'), target));
    for (const field of FORBIDDEN_FIELDS) {
      if (isSet(field, container[field])) errors.push(forbiddenField(at.child(field), NOT_HERE));
    }
    (container.volumeMounts ?? []).forEach((mount, i) => {
      const mountPath = at.child('volumeMounts').index(i);
      if (mount.subPath) errors.push(forbiddenField(mountPath.child('subPath'), NOT_HERE));
      if (mount.subPathExpr) errors.push(forbiddenField(mountPath.child('subPathExpr'), NOT_HERE));
    });
  });
}

/** Upstream's `resources` is no pointer, so an empty one is as good as none; the other objects count once they are there. */
function isSet(field: (typeof FORBIDDEN_FIELDS)[number], value: unknown): boolean {
  if (value === undefined) return false;
  return Array.isArray(value) || field === 'resources' ? Object.keys(value as object).length > 0 : true;
}
