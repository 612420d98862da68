import { duplicate, type FieldPath, required } from '@pilothouse/apimachinery';
import type { Container } from '@pilothouse/api';
import { validateContainer } from './container.ts';
import { validateHostPortConflicts } from './container-ports.ts';
import type { PodSpecContext } from './pod-validation-options.ts';
import { validateLifecycle, validateProbes } from './probes.ts';
import { validateRestartPolicy } from './restart-policy.ts';

/** `spec.containers`. */
export function validateContainers(containers: readonly Container[], path: FieldPath, context: PodSpecContext): void {
  const { errors } = context;
  if (containers.length === 0) {
    errors.push(required(path));
    return;
  }
  const names = new Set<string>();
  containers.forEach((container, index) => {
    const at = path.index(index);
    validateContainer(container, at, context);
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    names.add(container.name);
    if (container.lifecycle) validateLifecycle(container.lifecycle, at.child('lifecycle'), context);
    validateProbes(container, at, context);
    validateRestartPolicy(container, at, errors);
  });
  validateHostPortConflicts(containers, path, errors);
}
