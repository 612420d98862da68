import { duplicate, type FieldPath, forbiddenField, invalidValue } from '@pilothouse/apimachinery';
import type { Container } from '@pilothouse/api';
import { validateContainer } from './container.ts';
import { validateHostPortConflicts } from './container-ports.ts';
import type { PodSpecContext } from './pod-validation-options.ts';
import { validateLifecycle, validateProbes } from './probes.ts';
import { validateInitRestartPolicy } from './restart-policy.ts';

const SIDECAR_ONLY = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** A sidecar: an init container that is started, not waited for (KEP-753). */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

/** `spec.initContainers`. Sidecars may have what regular containers have, the others run once and may not. */
export function validateInitContainers(
  containers: readonly Container[],
  path: FieldPath,
  context: PodSpecContext,
): void {
  if (containers.length === 0) return;
  const { errors, spec } = context;
  const names = new Set((spec.containers ?? []).map((container) => container.name));
  containers.forEach((container, index) => {
    const at = path.index(index);
    validateContainer(container, at, context);
    validateInitRestartPolicy(container, at, errors);
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name));
    else if (container.name) names.add(container.name);
    // They run one after the other, so only their own ports can collide.
    validateHostPortConflicts([container], path, errors);
    if (isSidecar(container)) {
      if (container.lifecycle) validateLifecycle(container.lifecycle, at.child('lifecycle'), context);
      validateProbes(container, at, context);
      return;
    }
    for (const field of SIDECAR_ONLY) {
      if (container[field]) {
        errors.push(forbiddenField(at.child(field), 'may not be set for init containers without restartPolicy=Always'));
      }
    }
    (container.resizePolicy ?? []).forEach((policy, i) => {
      if (policy.restartPolicy !== 'RestartContainer') return;
      const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers";
      errors.push(invalidValue(at.child('resizePolicy').index(i).child('restartPolicy'), policy.restartPolicy, detail));
    });
  });
}
