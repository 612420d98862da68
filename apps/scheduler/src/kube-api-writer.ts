import { notFound } from '@pilothouse/apimachinery';
import { persistentvolumeclaims, persistentvolumes, pods, resourceclaims } from '@pilothouse/api';
import type {
  Binding,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodCondition,
  ResourceClaim,
} from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import type { ApiWriter, PodStatusChange } from './framework/api-writer.ts';

/**
 * A thousand pods are assumed within a second; if all their bindings were sent at once, an apiserver would turn most of
 * them away with 429. This many keep it busy.
 */
const MAX_BINDINGS_IN_FLIGHT = 32;

/** Writes through a client. The status patches of one pod go out one after the other, so that the last one stands. */
export class KubeApiWriter implements ApiWriter {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #bindings = new ConcurrencyLimit(MAX_BINDINGS_IN_FLIGHT);
  readonly #patches = new Map<string, Promise<unknown>>();

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async bindPod(binding: Binding): Promise<void> {
    const { name, namespace } = binding.metadata;
    const bind = () =>
      this.#client.resource(pods).createSubresource(name!, 'binding', binding, { namespace: namespace! });
    await this.#bindings.run(bind);
  }

  async patchPodStatus(pod: Pod, change: PodStatusChange): Promise<void> {
    const patch = podStatusPatch(pod, change, this.#clock.now());
    if (!patch) return;
    const { name, namespace, uid } = pod.metadata;
    const key = uid ?? `${namespace}/${name}`;
    const send = () =>
      this.#client
        .resource(pods)
        .patch(name!, { type: 'strategic', body: patch }, { namespace: namespace!, subresource: 'status' });
    const sent = (this.#patches.get(key) ?? Promise.resolve()).then(send, send);
    this.#patches.set(key, sent);
    try {
      await sent;
    } finally {
      if (this.#patches.get(key) === sent) this.#patches.delete(key);
    }
  }

  async deletePod({ metadata: { name, namespace, uid } }: Pod): Promise<void> {
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    await this.#client.resource(pods).delete(name!, { namespace: namespace!, ...preconditions });
  }

  updatePersistentVolume(volume: PersistentVolume): Promise<PersistentVolume> {
    return this.#client.resource(persistentvolumes).update(volume);
  }

  updatePersistentVolumeClaim(claim: PersistentVolumeClaim): Promise<PersistentVolumeClaim> {
    return this.#client.resource(persistentvolumeclaims).update(claim);
  }

  async getResourceClaim({ metadata: { name, namespace, uid } }: ResourceClaim): Promise<ResourceClaim> {
    const found = await this.#client.resource(resourceclaims).get(name!, { namespace: namespace! });
    if (found.metadata.uid !== uid) throw notFound(resourceclaims, name!);
    return found;
  }

  updateResourceClaim(claim: ResourceClaim): Promise<ResourceClaim> {
    return this.#client.resource(resourceclaims).update(claim);
  }

  updateResourceClaimStatus(claim: ResourceClaim): Promise<ResourceClaim> {
    return this.#client.resource(resourceclaims).update(claim, { subresource: 'status' });
  }
}

/** A strategic merge patch of the pod's status; undefined if the pod already is as it should be. */
export function podStatusPatch(
  pod: Pod,
  { condition, nominatedNodeName }: PodStatusChange,
  now: Date,
): object | undefined {
  const conditions = condition && changedCondition(pod, condition, now);
  const nomination = nominatedNodeName !== undefined && nominatedNodeName !== (pod.status?.nominatedNodeName ?? '');
  if (!conditions && !nomination) return undefined;
  return {
    status: {
      ...(conditions ? { conditions: [conditions] } : {}),
      // In a merge patch null takes the field away.
      ...(nomination ? { nominatedNodeName: nominatedNodeName || null } : {}),
    },
  };
}

/** The time of transition moves only with the condition's status. */
function changedCondition(pod: Pod, condition: PodCondition, now: Date): PodCondition | undefined {
  const before = pod.status?.conditions?.find(({ type }) => type === condition.type);
  const generation = pod.metadata.generation;
  if (
    before?.status === condition.status &&
    before.reason === condition.reason &&
    before.message === condition.message &&
    (generation === undefined || before.observedGeneration === generation)
  ) {
    return undefined;
  }
  const timestamp = `${now.toISOString().slice(0, 19)}Z`;
  return {
    ...condition,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastProbeTime: null,
    lastTransitionTime: before?.status === condition.status ? (before.lastTransitionTime ?? timestamp) : timestamp,
  };
}
