import type { Resources } from '../../registry/resources.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

/** Every built-in plugin, in the order in which upstream runs them. */
export function admissionPlugins(resources: Resources): readonly AdmissionPlugin[] {
  return [namespaceLifecycle(resources.get('', 'namespaces').registry)];
}
