import type { Quantity } from '@pilothouse/apimachinery';
import type { PodSpec } from '@pilothouse/api';
import { addResources, raiseResources } from '../resource-list.ts';
import { isSidecar } from './init-containers.ts';

/**
 * What all containers of a pod need together: the regular ones and the sidecars run at the same time, each init
 * container runs beside the sidecars before it (KEP-753).
 */
export function aggregateContainerResources(spec: PodSpec, which: 'requests' | 'limits'): Map<string, Quantity> {
  const total = new Map<string, Quantity>();
  for (const container of spec.containers ?? []) addResources(total, container.resources?.[which]);
  const sidecars = new Map<string, Quantity>();
  const peak = new Map<string, Quantity>();
  for (const container of spec.initContainers ?? []) {
    const own = container.resources?.[which];
    if (isSidecar(container)) {
      addResources(total, own);
      addResources(sidecars, own);
      raiseResources(peak, sidecars);
    } else {
      const together = new Map(sidecars);
      addResources(together, own);
      raiseResources(peak, together);
    }
  }
  raiseResources(total, peak);
  return total;
}
