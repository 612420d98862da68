import type { FieldPath } from '@pilothouse/apimachinery';
import type { Container, PodSpec } from '@pilothouse/api';

/** Every container of a pod with its path: first those that initialise, then the regular ones, then ephemeral ones. */
export function visitContainers(
  spec: PodSpec,
  path: FieldPath,
  visit: (container: Container, path: FieldPath) => void,
): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    const containers: readonly Container[] | undefined = spec[list];
    if (!containers?.length) continue;
    const listPath = path.child(list);
    containers.forEach((container, index) => visit(container, listPath.index(index)));
  }
}
