import type { PriorityClass } from '@pilothouse/api';
import type { Resources } from '../registry/resources.ts';
import { ensureObject } from './ensure-object.ts';

/** https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/ */
const CLASSES = [
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
];

export async function ensureSystemPriorityClasses(resources: Resources, now: Date): Promise<void> {
  const { registry } = resources.get('scheduling.k8s.io', 'priorityclasses');
  for (const { name, value, description } of CLASSES) {
    const object = {
      kind: 'PriorityClass',
      apiVersion: 'scheduling.k8s.io/v1',
      metadata: { name },
      value,
      description,
    };
    await ensureObject(registry, object as PriorityClass, now);
  }
}
