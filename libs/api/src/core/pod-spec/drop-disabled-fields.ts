import type { PodSpec } from '@pilothouse/api';

/**
 * Drops fields whose feature gate is off by default in 1.36 and that `old` does not use yet, as upstream does before it
 * looks at a pod or a pod template: they have no effect, and would be in the way when the feature changes.
 */
export function dropDisabledPodFields(spec: PodSpec, old?: PodSpec): void {
  for (const list of ['initContainers', 'containers'] as const) {
    // ContainerStopSignals, alpha.
    if (old?.[list]?.some((container) => container.lifecycle?.stopSignal !== undefined)) continue;
    for (const container of spec[list] ?? []) if (container.lifecycle) delete container.lifecycle.stopSignal;
  }
  // GenericWorkload, alpha.
  if (old?.schedulingGroup === undefined) delete spec.schedulingGroup;
  // ClusterTrustBundleProjection and PodCertificateRequest, beta but off.
  for (const field of ['clusterTrustBundle', 'podCertificate'] as const) {
    if (projects(old, field)) continue;
    for (const volume of spec.volumes ?? []) for (const source of volume.projected?.sources ?? []) delete source[field];
  }
}

function projects(spec: PodSpec | undefined, field: 'clusterTrustBundle' | 'podCertificate'): boolean {
  return (spec?.volumes ?? []).some((volume) =>
    volume.projected?.sources?.some((source) => source[field] !== undefined),
  );
}
