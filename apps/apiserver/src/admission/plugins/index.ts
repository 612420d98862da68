import type { Resources } from '../../registry/resources.ts';
import type { AdmissionPlugin } from '../chain.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { priority } from './priority.ts';
import { serviceAccount } from './service-account.ts';

/** Every built-in plugin, in the order in which upstream runs them. */
export function admissionPlugins(resources: Resources): readonly AdmissionPlugin[] {
  const registry = (group: string, resource: string) => resources.get(group, resource).registry;
  return [
    namespaceLifecycle(registry('', 'namespaces')),
    serviceAccount(registry('', 'serviceaccounts')),
    priority(registry('scheduling.k8s.io', 'priorityclasses')),
    defaultTolerationSeconds,
    defaultStorageClass(registry('storage.k8s.io', 'storageclasses')),
    defaultIngressClass(registry('networking.k8s.io', 'ingressclasses')),
  ];
}
