import { duplicate, type FieldPath, fieldNotFound, forbiddenField } from '@pilothouse/apimachinery';
import type { EphemeralContainer } from '@pilothouse/api';
import { validateContainer } from './container.ts';
import type { PodSpecContext } from './pod-validation-options.ts';

/** A list of what is allowed, so that a new field is refused until somebody has thought about it. */
const ALLOWED_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'image',
  'command',
  'args',
  'workingDir',
  'envFrom',
  'env',
  'volumeMounts',
  'volumeDevices',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'imagePullPolicy',
  'securityContext',
  'stdin',
  'stdinOnce',
  'tty',
  'targetContainerName',
]);

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
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(fieldNotFound(at.child('targetContainerName'), target));
    for (const [field, value] of Object.entries(container)) {
      if (!ALLOWED_FIELDS.has(field) && isSet(value)) errors.push(forbiddenField(at.child(field), NOT_HERE));
    }
    (container.volumeMounts ?? []).forEach((mount, i) => {
      const mountPath = at.child('volumeMounts').index(i);
      if (mount.subPath) errors.push(forbiddenField(mountPath.child('subPath'), NOT_HERE));
      if (mount.subPathExpr) errors.push(forbiddenField(mountPath.child('subPathExpr'), NOT_HERE));
    });
  });
}

/** An empty `resources: {}` is always there. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
