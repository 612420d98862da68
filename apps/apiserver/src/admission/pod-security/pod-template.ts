import type { KubeObject } from '@pilothouse/apimachinery';
import type { Pod, PodTemplateSpec } from '@pilothouse/api';

/** The kinds that make pods, whose templates are worth a warning: `group/resource`. */
const WORKLOADS = new Set([
  '/podtemplates',
  '/replicationcontrollers',
  'apps/deployments',
  'apps/replicasets',
  'apps/statefulsets',
  'apps/daemonsets',
  'batch/jobs',
  'batch/cronjobs',
]);

export const hasPodTemplate = (group: string, resource: string): boolean => WORKLOADS.has(`${group}/${resource}`);

interface WithTemplate {
  readonly template?: PodTemplateSpec;
  readonly spec?: {
    readonly template?: PodTemplateSpec;
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplateSpec } };
  };
}

/** The pod that a workload makes, as far as its security goes. */
export function podTemplateOf(
  object: KubeObject,
): (Pick<Pod, 'spec'> & { metadata?: PodTemplateSpec['metadata'] }) | undefined {
  const { template, spec } = object as WithTemplate;
  const found = template ?? spec?.template ?? spec?.jobTemplate?.spec?.template;
  return found?.spec ? { ...(found.metadata ? { metadata: found.metadata } : {}), spec: found.spec } : undefined;
}
