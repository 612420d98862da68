import type { Pod, PodResourceClaim, ResourceClaim, ResourceClaimTemplate } from '@pilothouse/api';
import { isPodTerminal } from '@pilothouse/controller';

/** Says which entry of its pod's `spec.resourceClaims` a claim was made for. */
export const POD_CLAIM_ANNOTATION = 'resource.kubernetes.io/pod-claim-name';

/** So much of a name may stand before the five characters that the apiserver adds. */
const MOST_PREFIX_LENGTH = 57;

/** The claim that an entry of a pod with a template asks for. */
export function claimFromTemplate(pod: Pod, entry: PodResourceClaim, template: ResourceClaimTemplate): ResourceClaim {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  const { metadata, spec } = template.spec;
  const owner = { apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true };
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      generateName: namePrefix(name, entry.name),
      namespace,
      ...(metadata?.labels ? { labels: { ...metadata.labels } } : {}),
      annotations: { ...metadata?.annotations, [POD_CLAIM_ANNOTATION]: entry.name },
      ownerReferences: [owner],
    },
    spec: structuredClone(spec),
  };
}

/** `<pod>-<entry>-`, both shortened alike when that is too long: the apiserver would cut off all of the entry. */
function namePrefix(podName: string, entryName: string): string {
  const whole = `${podName}-${entryName}-`;
  if (whole.length <= MOST_PREFIX_LENGTH) return whole;
  const shortened = (name: string): string =>
    name.slice(0, Math.floor((name.length * MOST_PREFIX_LENGTH) / whole.length));
  return `${shortened(podName)}-${shortened(entryName)}`;
}

/** The names of all claims a pod uses: given, made from templates, and made for extended resources. */
export function claimNamesOf({ spec, status }: Pod): string[] {
  const given = (spec.resourceClaims ?? []).map((entry) => claimNameOf(entry, status));
  return [...given, status?.extendedResourceClaimStatus?.resourceClaimName].filter((name) => name !== undefined);
}

/** Of one entry; undefined while it is not made. */
export function claimNameOf(entry: PodResourceClaim, status: Pod['status']): string | undefined {
  if (entry.resourceClaimName) return entry.resourceClaimName;
  return status?.resourceClaimStatuses?.find(({ name }) => name === entry.name)?.resourceClaimName || undefined;
}

/** It runs no more and never will again, so it needs no devices. */
export function isPodDone(pod: Pod): boolean {
  return isPodTerminal(pod) || (Boolean(pod.metadata.deletionTimestamp) && !pod.spec.nodeName);
}
