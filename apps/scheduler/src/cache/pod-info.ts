import { objectKey } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import { affinityTermsOf, type AffinityTerms } from './affinity-term.ts';
import { hostPortsOf, type HostPort } from './host-ports.ts';
import { podNonZeroRequests, podRequests } from './pod-requests.ts';
import type { ResourceAmounts } from './resource-amounts.ts';

/** A pod with everything that scheduling reads of it more than once, worked out at most once per version of the pod. */
export class PodInfo {
  readonly pod: Pod;
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  readonly priority: number;
  #requests: ResourceAmounts | undefined;
  #nonZeroRequests: ResourceAmounts | undefined;
  #hostPorts: readonly HostPort[] | undefined;
  #affinity: AffinityTerms | undefined;
  #claimKeys: readonly string[] | undefined;
  #labelKey: string | undefined;

  constructor(pod: Pod) {
    this.pod = pod;
    this.key = objectKey(pod);
    this.uid = pod.metadata.uid ?? this.key;
    this.priority = pod.spec.priority ?? 0;
  }

  get namespace(): string {
    return this.pod.metadata.namespace ?? '';
  }

  get name(): string {
    return this.pod.metadata.name ?? '';
  }

  get isTerminating(): boolean {
    return this.pod.metadata.deletionTimestamp !== undefined;
  }

  get requests(): ResourceAmounts {
    return (this.#requests ??= podRequests(this.pod));
  }

  /** Requests as scoring sees them: with a floor for containers that ask for nothing. */
  get nonZeroRequests(): ResourceAmounts {
    return (this.#nonZeroRequests ??= podNonZeroRequests(this.pod));
  }

  get hostPorts(): readonly HostPort[] {
    return (this.#hostPorts ??= hostPortsOf(this.pod));
  }

  get affinity(): AffinityTerms {
    return (this.#affinity ??= affinityTermsOf(this.pod));
  }

  /** Whether the pod has any pod affinity or anti-affinity, required or preferred. */
  get hasAffinity(): boolean {
    const affinity = this.pod.spec.affinity;
    return affinity?.podAffinity !== undefined || affinity?.podAntiAffinity !== undefined;
  }

  get hasRequiredAntiAffinity(): boolean {
    return !!this.pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length;
  }

  /** The claims the pod uses, as `namespace/name`, those of its ephemeral volumes included. */
  get claimKeys(): readonly string[] {
    return (this.#claimKeys ??= claimKeysOf(this.pod));
  }

  /** Equal for pods of one namespace that no selector can tell apart and that are both terminating or both not. */
  get labelKey(): string {
    return (this.#labelKey ??= labelKeyOf(this.pod));
  }

  /** The same pod as it will be on the node, before the apiserver has said so. */
  assumedOn(nodeName: string): PodInfo {
    const assumed = new PodInfo({ ...this.pod, spec: { ...this.pod.spec, nodeName } });
    assumed.#requests = this.requests;
    assumed.#nonZeroRequests = this.nonZeroRequests;
    assumed.#hostPorts = this.hostPorts;
    assumed.#affinity = this.#affinity;
    assumed.#claimKeys = this.#claimKeys;
    assumed.#labelKey = this.#labelKey;
    return assumed;
  }
}

/** The claim of an ephemeral volume is named after the pod and the volume. */
export function claimNameOf(pod: Pod, volume: NonNullable<Pod['spec']['volumes']>[number]): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  if (volume.ephemeral) return `${pod.metadata.name}-${volume.name}`;
  return undefined;
}

const NONE: readonly string[] = [];

function claimKeysOf(pod: Pod): readonly string[] {
  if (!pod.spec.volumes) return NONE;
  const keys: string[] = [];
  for (const volume of pod.spec.volumes) {
    const name = claimNameOf(pod, volume);
    if (name !== undefined) keys.push(`${pod.metadata.namespace}/${name}`);
  }
  return keys;
}

function labelKeyOf(pod: Pod): string {
  const { namespace, labels, deletionTimestamp } = pod.metadata;
  let key = `${namespace}/${deletionTimestamp === undefined ? '' : 'terminating'}`;
  if (labels) for (const name of Object.keys(labels).sort()) key += `/${name}=${labels[name]}`;
  return key;
}
