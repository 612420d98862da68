import { type KubeObject, newControllerRef } from '@pilothouse/apimachinery';
import type { PersistentVolumeClaim, Pod, PodSpec, PodTemplateSpec, StatefulSet, Volume } from '@pilothouse/api';
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

/** The pod is one of those that the set asks for; beyond the range it is scaled away. */
export function isInRange(set: StatefulSet, pod: KubeObject): boolean {
  const ordinal = ordinalOf(set, pod) ?? -1;
  const start = startOrdinal(set);
  return ordinal >= start && ordinal < start + (set.spec.replicas ?? 1);
}

export const startOrdinal = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0;

export function newPod(set: StatefulSet, template: PodTemplateSpec, ordinal: number, revision: string): Pod {
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
        [REVISION_LABEL]: revision,
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...volumesOf(set, pod.spec, ordinal),
    },
  };
}

/** Claims of the set take the place of template volumes with the same name. */
function volumesOf(set: StatefulSet, spec: PodSpec, ordinal: number): { volumes?: Volume[] } {
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim): Volume => ({
    name: claim.metadata.name ?? '',
    persistentVolumeClaim: { claimName: claimNameOf(set, claim, ordinal) },
  }));
  const names = new Set(claims.map(({ name }) => name));
  const volumes = [...claims, ...(spec.volumes ?? []).filter(({ name }) => !names.has(name))];
  return volumes.length > 0 ? { volumes } : {};
}

export const claimNameOf = (set: StatefulSet, claim: PersistentVolumeClaim, ordinal: number): string =>
  `${claim.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The claims of one pod, as they are made: with `whenDeleted: Delete` they go with the set. */
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

/**
 * The pod with the labels and claims that its ordinal calls for, which an adopted or edited one may lack; undefined when
 * it has them. Mirrors identityMatches and storageMatches of pkg/controller/statefulset/stateful_set_utils.go.
 */
export function repairedPod(set: StatefulSet, pod: Pod, ordinal: number): Pod | undefined {
  const wanted = { [POD_NAME_LABEL]: podNameOf(set, ordinal), [POD_INDEX_LABEL]: String(ordinal) };
  const labels = pod.metadata.labels ?? {};
  const hasIdentity = Object.entries(wanted).every(([key, value]) => labels[key] === value);
  const hasStorage = (set.spec.volumeClaimTemplates ?? []).every((claim) =>
    pod.spec.volumes?.some(
      (volume) =>
        volume.name === claim.metadata.name &&
        volume.persistentVolumeClaim?.claimName === claimNameOf(set, claim, ordinal),
    ),
  );
  if (hasIdentity && hasStorage) return undefined;
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...labels, ...wanted } },
    spec: hasStorage ? pod.spec : { ...pod.spec, ...volumesOf(set, pod.spec, ordinal) },
  };
}
