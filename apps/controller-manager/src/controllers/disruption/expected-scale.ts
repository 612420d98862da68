import { controllerRefOf, parseApiVersion, StatusError, type OwnerReference } from '@pilothouse/apimachinery';
import {
  deployments,
  replicasets,
  replicationcontrollers,
  statefulsets,
  type Pod,
  type ResourceRef,
} from '@pilothouse/api';
import type { KubeClient, SharedInformer } from '@pilothouse/client';
import type { ControllerContext } from '../../controller-context.ts';

interface Workload {
  readonly metadata: { readonly uid?: string };
  readonly spec: { readonly replicas?: number };
}

/** A pod's controller cannot say how many pods there should be. */
export class NoScaleError extends Error {}

export interface ExpectedScale {
  /** How many pods the controllers of these pods want in all. */
  readonly scale: number;
  readonly unmanaged: readonly Pod[];
}

/**
 * Asks the controllers of pods how many pods there should be. Built-in workloads are read from caches, everything else
 * through its scale subresource. Upstream: DisruptionController.getExpectedScale.
 */
export class ExpectedScaleFinder {
  private readonly client: KubeClient;
  private readonly replicaSets: SharedInformer<never>;
  private readonly informers: ReadonlyMap<string, SharedInformer<never>>;

  constructor({ client, informers }: ControllerContext) {
    this.client = client;
    const entries = [deployments, replicasets, replicationcontrollers, statefulsets].map(
      (ref) => [`${ref.group}/${ref.kind}`, informers.for(ref as unknown as ResourceRef<never>)] as const,
    );
    this.informers = new Map(entries);
    this.replicaSets = this.informers.get('apps/ReplicaSet')!;
  }

  async find(pods: readonly Pod[]): Promise<ExpectedScale> {
    const scales = new Map<string, number>();
    const unmanaged: Pod[] = [];
    for (const pod of pods) {
      const owner = controllerRefOf(pod);
      if (owner === undefined) {
        unmanaged.push(pod);
        continue;
      }
      if (scales.has(owner.uid)) continue;
      const { uid, scale } = await this.scaleOf(pod, owner);
      scales.set(uid, scale);
      // A Deployment's ReplicaSets share its scale: it must not count once for each.
      if (uid !== owner.uid) scales.set(owner.uid, 0);
    }
    return { scale: [...scales.values()].reduce((sum, each) => sum + each, 0), unmanaged };
  }

  private async scaleOf(pod: Pod, owner: OwnerReference): Promise<{ uid: string; scale: number }> {
    const namespace = pod.metadata.namespace ?? '';
    const top = this.deploymentBehind(namespace, owner) ?? owner;
    const { group } = parseApiVersion(top.apiVersion);
    const informer = this.informers.get(`${group}/${top.kind}`);
    const workload = informer?.lister.get(`${namespace}/${top.name}`) as Workload | undefined;
    if (workload?.metadata.uid === top.uid) return { uid: top.uid, scale: workload.spec.replicas ?? 1 };
    const scale = informer ? undefined : await this.fetchScale(namespace, top);
    if (scale === undefined)
      throw new NoScaleError(`found no controller ref for pod ${JSON.stringify(pod.metadata.name)}`);
    return { uid: top.uid, scale };
  }

  private deploymentBehind(namespace: string, owner: OwnerReference): OwnerReference | undefined {
    if (owner.kind !== 'ReplicaSet') return undefined;
    const replicaSet = this.replicaSets.lister.get(`${namespace}/${owner.name}`) as Pod | undefined;
    const above = replicaSet && controllerRefOf(replicaSet);
    return above?.kind === 'Deployment' ? above : undefined;
  }

  private async fetchScale(
    namespace: string,
    { apiVersion, kind, name, uid }: OwnerReference,
  ): Promise<number | undefined> {
    const { group, version } = parseApiVersion(apiVersion);
    const { resources } = await this.client.discover();
    const found = resources.find((each) => each.group === group && each.version === version && each.kind === kind);
    if (!found?.subresources.includes('scale')) {
      throw new NoScaleError(
        `${found?.resource ?? kind.toLowerCase()}.${group} does not implement the scale subresource`,
      );
    }
    const prefix = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const answer = await this.client.raw('GET', `${prefix}/namespaces/${namespace}/${found.resource}/${name}/scale`, {
      headers: { accept: 'application/json' },
    });
    const body = JSON.parse(answer.body.toString()) as { metadata?: { uid?: string }; spec?: { replicas?: number } };
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new StatusError(body as never);
    return body.metadata?.uid === uid ? (body.spec?.replicas ?? 0) : undefined;
  }
}
