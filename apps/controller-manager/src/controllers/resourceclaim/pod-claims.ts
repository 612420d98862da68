import { controllerRefOf, objectKey } from '@pilothouse/apimachinery';
import {
  type Pod,
  type PodResourceClaim,
  pods,
  type ResourceClaim,
  resourceclaims,
  type ResourceClaimTemplate,
  resourceclaimtemplates,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import {
  type Controller,
  createWorkQueue,
  isControlledBy,
  type ReconcileResult,
  type WorkQueue,
} from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { messageOf } from '../pod-control.ts';
import { claimFromTemplate, claimNameOf, claimNamesOf, isPodDone, POD_CLAIM_ANNOTATION } from './claims-of-pod.ts';

const BY_CLAIM = 'resource-claim';
const BY_POD_ENTRY = 'pod-resource-claim';
const MOST_CONSUMERS = 256;

/**
 * Makes the ResourceClaims that pods ask for by template, and names them in the pods' status, where the scheduler and
 * the kubelet look. Mirrors pkg/controller/resourceclaim.
 */
export class PodClaims implements Controller {
  readonly name = 'resourceclaim-controller';
  readonly workers = 10;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly pods: SharedInformer<Pod>;
  private readonly claims: SharedInformer<ResourceClaim>;
  private readonly templates: SharedInformer<ResourceClaimTemplate>;
  /** Made, and not in the cache yet: without it the next reconcile would make another. */
  private readonly made = new Map<string, ResourceClaim>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder('resource_claim');
    this.pods = context.informers.for(pods);
    this.claims = context.informers.for(resourceclaims);
    this.templates = context.informers.for(resourceclaimtemplates);
    this.pods.addIndex(BY_CLAIM, (pod) => claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`));
    this.claims.addIndex(BY_POD_ENTRY, (claim) => {
      const owner = controllerRefOf(claim);
      const entry = claim.metadata.annotations?.[POD_CLAIM_ANNOTATION];
      return owner && entry ? [entryKey(owner.uid, entry)] : [];
    });
    const enqueue = (pod: Pod): void => {
      if (pod.spec.resourceClaims?.length && !pod.metadata.deletionTimestamp && !isPodDone(pod))
        this.queue.add(objectKey(pod));
    };
    this.pods.addHandler({ onAdd: enqueue, onUpdate: (_, pod) => enqueue(pod) });
    const enqueueUsers = (claim: ResourceClaim): void =>
      this.pods.lister.byIndex(BY_CLAIM, objectKey(claim)).forEach(enqueue);
    this.claims.addHandler({ onAdd: (claim) => this.forget(claim), onDelete: enqueueUsers });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const pod = this.pods.lister.get(key);
    if (!pod || pod.metadata.deletionTimestamp || isPodDone(pod)) return;
    const names = new Map((pod.status?.resourceClaimStatuses ?? []).map((each) => [each.name, each.resourceClaimName]));
    let isNew = false;
    for (const entry of pod.spec.resourceClaims ?? []) {
      if (!entry.resourceClaimTemplateName) continue;
      const claim = await this.claimOf(pod, entry);
      isNew ||= names.get(entry.name) !== claim.metadata.name;
      names.set(entry.name, claim.metadata.name);
    }
    if (isNew) await this.publish(pod, names);
    // Until a pod has a node, the scheduler reserves. One that was given a node otherwise waits for nobody else.
    if (pod.spec.nodeName) await this.reserve(pod);
  }

  private async claimOf(pod: Pod, entry: PodResourceClaim): Promise<ResourceClaim> {
    try {
      return this.findClaim(pod, entry) ?? (await this.make(pod, entry));
    } catch (error) {
      const message = `PodResourceClaim ${entry.name}: ${messageOf(error)}`;
      this.recorder.event(pod, 'Warning', 'FailedResourceClaimCreation', message);
      throw new Error(`pod ${objectKey(pod)}, ${message}`, { cause: error });
    }
  }

  private findClaim(pod: Pod, entry: PodResourceClaim): ResourceClaim | undefined {
    const { namespace, name: podName, uid = '' } = pod.metadata;
    const name = claimNameOf(entry, pod.status);
    const named = name ? this.claims.lister.get(`${namespace}/${name}`) : undefined;
    if (named && !isControlledBy(named, pod)) {
      const subject = `ResourceClaim ${namespace}/${name} was not created for pod ${namespace}/${podName}`;
      throw new Error(`${subject} (pod is not owner)`);
    }
    const key = entryKey(uid, entry.name);
    return named ?? this.claims.lister.byIndex(BY_POD_ENTRY, key)[0] ?? this.made.get(key);
  }

  private async make(pod: Pod, entry: PodResourceClaim): Promise<ResourceClaim> {
    const { namespace = '', uid = '' } = pod.metadata;
    const templateName = entry.resourceClaimTemplateName!;
    const template = this.templates.lister.get(`${namespace}/${templateName}`);
    if (!template) {
      const reason = `resourceclaimtemplate.resource.k8s.io "${templateName}" not found`;
      throw new Error(`resource claim template "${templateName}": ${reason}`);
    }
    const wanted = claimFromTemplate(pod, entry, template);
    const made = await this.context.client
      .resource(resourceclaims)
      .create(wanted, { namespace })
      .catch((error: unknown) => {
        throw new Error(`create ResourceClaim : ${messageOf(error)}`, { cause: error });
      });
    if (!this.claims.lister.get(objectKey(made))) this.made.set(entryKey(uid, entry.name), made);
    return made;
  }

  private forget(claim: ResourceClaim): void {
    const owner = controllerRefOf(claim);
    if (owner) this.made.delete(entryKey(owner.uid, claim.metadata.annotations?.[POD_CLAIM_ANNOTATION] ?? ''));
  }

  private async publish(pod: Pod, names: ReadonlyMap<string, string | undefined>): Promise<void> {
    const { name = '', namespace = '', uid } = pod.metadata;
    const resourceClaimStatuses = [...names].map(([entry, resourceClaimName]) => ({ name: entry, resourceClaimName }));
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, uid },
      status: { resourceClaimStatuses },
    };
    await this.context.client
      .resource(pods)
      .patch(
        name,
        { type: 'apply', body },
        { namespace, subresource: 'status', fieldManager: 'ResourceClaimController', force: true },
      );
  }

  private async reserve(pod: Pod): Promise<void> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    for (const claimName of claimNamesOf(pod)) {
      const claim = this.claims.lister.get(`${namespace}/${claimName}`);
      const reservedFor = claim?.status?.reservedFor ?? [];
      if (!claim?.status?.allocation || reservedFor.some((each) => each.uid === uid)) continue;
      if (claim.metadata.deletionTimestamp || reservedFor.length >= MOST_CONSUMERS) continue;
      const status = { ...claim.status, reservedFor: [...reservedFor, { resource: 'pods', name, uid }] };
      await this.context.client
        .resource(resourceclaims)
        .update({ ...claim, status }, { namespace, subresource: 'status' });
    }
  }
}

const entryKey = (podUid: string, entry: string): string => `${podUid}/${entry}`;
