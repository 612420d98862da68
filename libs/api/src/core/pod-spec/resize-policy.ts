import { duplicate, type FieldPath, invalidValue, notSupported, required } from '@pilothouse/apimachinery';
import type { ContainerResizePolicy } from '@pilothouse/api';
import type { PodSpecContext } from './pod-validation-options.ts';

const RESOURCES = ['cpu', 'memory'];
const POLICIES = ['NotRequired', 'RestartContainer'];

/** What happens to a container when its requests change in place (KEP-1287). */
export function validateResizePolicy(
  policies: readonly ContainerResizePolicy[],
  path: FieldPath,
  { spec, errors }: PodSpecContext,
): void {
  const seen = new Set<string>();
  policies.forEach(({ resourceName = '', restartPolicy = '' }, index) => {
    if (seen.has(resourceName)) errors.push(duplicate(path.index(index), resourceName));
    seen.add(resourceName);
    if (!resourceName) errors.push(required(path));
    else if (!RESOURCES.includes(resourceName)) errors.push(notSupported(path, resourceName, RESOURCES));
    if (!restartPolicy) errors.push(required(path));
    else if (!POLICIES.includes(restartPolicy)) errors.push(notSupported(path, restartPolicy, POLICIES));
    if (spec.restartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
      errors.push(invalidValue(path, restartPolicy, detail));
    }
  });
}
