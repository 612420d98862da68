import { type KubeObject, newControllerRef } from '@pilothouse/apimachinery';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet, Volume } from '@pilothouse/api';
import { REVISION_LABEL } from '../history/revisions.ts';
import { podFromTemplate } from '../pod-control.ts';

const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** `web-12` → 12; undefined when the pod's name is not of the set. */
export function ordinalOf(set: StatefulSet, pod: KubeObject): number | undefined {
  const match = /^(.*)-([0-9]+)$/.exec(pod.metadata?.name ?? '');
  return match && match[1] === set.metadata.name ? Number(match[2]) : undefined;
}

export const podNameOf = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

export const startOrdinal = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0;

export function newPod(set: StatefulSet, template: PodTemplateSpec, ordinal: number, revisionHash: string): Pod {
  const pod = podFromTemplate(template, set);
  const name = podNameOf(set, ordinal);
  const { generateName: _, ...metadata } = pod.metadata;
  return {
    ...pod,
    metadata: {
      ...metadata,
      name,
      labels: {
        ...metadata.labels,
        [POD_NAME_LABEL]: name,
        [POD_INDEX_LABEL]: String(ordinal),
        [REVISION_LABEL]: revisionHash,
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...volumesOf(set, pod, ordinal),
    },
  };
}

/** Claims of the set take the place of template volumes with the same name. */
function volumesOf(set: StatefulSet, pod: Pod, ordinal: number): { volumes?: Volume[] } {
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim): Volume => ({
    name: claim.metadata.name ?? '',
    persistentVolumeClaim: { claimName: claimNameOf(set, claim, ordinal) },
  }));
  const names = new Set(claims.map(({ name }) => name));
  const volumes = [...claims, ...(pod.spec.volumes ?? []).filter(({ name }) => !names.has(name))];
  return volumes.length > 0 ? { volumes } : {};
}

export const claimNameOf = (set: StatefulSet, claim: PersistentVolumeClaim, ordinal: number): string =>
  `${claim.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The claims of one pod, owned as the retention policy says. `pod` is known only once it exists. */
export function claimsOf(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  const deletesWithSet = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
  return (set.spec.volumeClaimTemplates ?? []).map((claim) => ({
    ...claim,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...claim.metadata,
      name: claimNameOf(set, claim, ordinal),
      namespace: set.metadata.namespace ?? '',
      labels: { ...claim.metadata.labels, ...set.spec.selector?.matchLabels },
      ...(deletesWithSet ? { ownerReferences: [newControllerRef(set)] } : {}),
    },
  }));
}

/** The pod has the name, labels and volumes that its ordinal calls for. */
export function identityMatches(set: StatefulSet, pod: Pod, ordinal: number): boolean {
  const labels = pod.metadata.labels ?? {};
  return labels[POD_NAME_LABEL] === podNameOf(set, ordinal) && labels[POD_INDEX_LABEL] === String(ordinal);
}
