import { deepEqual, isNotFound, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import {
  type Device,
  type DeviceTaintRule,
  devicetaintrules,
  type Pod,
  pods,
  type ResourceClaim,
  resourceclaims,
  type ResourceSlice,
  resourceslices,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { findCondition, formatTime, setCondition } from '../conditions.ts';
import { updateStatus } from '../update-status.ts';
import { claimEviction, type DeviceEviction, type DevicePlace, podEviction, ruleMatches } from './plan.ts';
import { EVICTION_IN_PROGRESS, ruleCondition } from './rule-condition.ts';

const BY_POOL = 'pool';
const FOLLOW_RULES = 'rules';
/** Rules are of a beta version, which may not be served; whether it is by now is asked this often. */
const DISCOVERY_MS = 60_000;
/** The condition of a rule changes no more often than this. */
const STATUS_PERIOD_MS = 10_000;

/**
 * Deletes pods whose devices have NoExecute taints that their claims do not tolerate. Keys are `pod/<namespace>/<name>`
 * and `rule/<name>`. Mirrors pkg/controller/devicetainteviction.
 */
export class DeviceTaintEvictionController implements Controller {
  readonly name = 'device-taint-eviction-controller';
  readonly workers = 8;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly pods: SharedInformer<Pod>;
  private readonly claims: SharedInformer<ResourceClaim>;
  private readonly slices: SharedInformer<ResourceSlice>;
  private rules: SharedInformer<DeviceTaintRule> | undefined;
  /** Pods that will have to go. */
  private readonly scheduled = new Set<string>();
  /** Rule uid → how many pods it has cost. */
  private readonly evicted = new Map<string, number>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.recorder = context.recorder(this.name);
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.pods = context.informers.for(pods);
    this.claims = context.informers.for(resourceclaims);
    this.slices = context.informers.for(resourceslices);
    this.slices.addIndex(BY_POOL, ({ spec }) => [`${spec.driver}/${spec.pool.name}`]);
    this.claims.addIndex(BY_POOL, (claim) => [
      ...new Set((claim.status?.allocation?.devices?.results ?? []).map(({ driver, pool }) => `${driver}/${pool}`)),
    ]);
    const enqueuePod = (pod: Pod): void => {
      if (pod.spec.nodeName && (pod.spec.resourceClaims?.length || pod.status?.extendedResourceClaimStatus))
        this.queue.add(`pod/${objectKey(pod)}`);
    };
    this.pods.addHandler({
      onAdd: enqueuePod,
      onUpdate: (before, after) => {
        const isSame =
          before.spec.nodeName === after.spec.nodeName &&
          deepEqual(before.status?.resourceClaimStatuses, after.status?.resourceClaimStatuses);
        if (!isSame) enqueuePod(after);
      },
      onDelete: (pod) => this.scheduled.delete(objectKey(pod)),
    });
    this.claims.addHandler({
      onAdd: (claim) => this.enqueueUsers(claim),
      onUpdate: (before, after) => {
        this.enqueueUsers(before);
        this.enqueueUsers(after);
      },
      onDelete: (claim) => this.enqueueUsers(claim),
    });
    const sliceChanged = ({ spec }: ResourceSlice): void => {
      for (const claim of this.claims.lister.byIndex(BY_POOL, `${spec.driver}/${spec.pool.name}`))
        this.enqueueUsers(claim);
    };
    this.slices.addHandler({
      onAdd: sliceChanged,
      onUpdate: (before, after) => {
        if (!deepEqual(before.spec, after.spec)) sliceChanged(after);
      },
      onDelete: sliceChanged,
    });
    this.queue.add(FOLLOW_RULES);
  }

  private enqueueUsers({ metadata, status }: ResourceClaim): void {
    for (const { resource, name } of status?.reservedFor ?? [])
      if (resource === 'pods') this.queue.add(`pod/${metadata.namespace}/${name}`);
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    if (key === FOLLOW_RULES) return this.followRules();
    const [kind = '', ...rest] = key.split('/');
    return kind === 'rule' ? this.syncRule(rest.join('/')) : this.syncPod(rest.join('/'));
  }

  private async followRules(): Promise<ReconcileResult> {
    const { client, informers, signal } = this.context;
    const { group, version, resource } = devicetaintrules;
    const { resources } = await client.discover({ signal });
    const isServed = resources.some(
      (each) => each.group === group && each.version === version && each.resource === resource,
    );
    if (!isServed) return { requeueAfterMs: DISCOVERY_MS };
    const changed = (rule: DeviceTaintRule): void => {
      this.queue.add(`rule/${rule.metadata.name}`);
      for (const claim of this.claims.lister.list()) this.enqueueUsers(claim);
    };
    this.rules = informers.for(devicetaintrules);
    this.rules.addHandler({
      onAdd: changed,
      onUpdate: (before, after) => {
        if (!deepEqual(before.spec, after.spec)) changed(after);
      },
      onDelete: (rule) => {
        this.evicted.delete(rule.metadata.uid ?? '');
        changed(rule);
      },
    });
  }

  private async syncPod(key: string): Promise<ReconcileResult> {
    const pod = this.pods.lister.get(key);
    if (!pod || pod.metadata.deletionTimestamp) {
      this.scheduled.delete(key);
      return;
    }
    const eviction = this.evictionOf(pod, this.rules?.lister.list() ?? []);
    if (!eviction) {
      if (this.scheduled.delete(key)) this.tell(pod, 'Cancelling deletion');
      return;
    }
    this.scheduled.add(key);
    this.tellRules(eviction);
    const leftMs = eviction.atMs - this.context.clock.now().getTime();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    await this.evict(pod, eviction);
  }

  private evictionOf(pod: Pod, rules: readonly DeviceTaintRule[]): DeviceEviction | undefined {
    return podEviction(
      pod,
      (name) => this.claims.lister.get(`${pod.metadata.namespace}/${name}`),
      (claim) => claimEviction(claim, (place) => this.deviceAt(place), rules),
    );
  }

  /** Slices of an older generation of the pool say nothing any more. */
  private deviceAt({ driver, pool, device }: DevicePlace): Device | undefined {
    const slices = this.slices.lister.byIndex(BY_POOL, `${driver}/${pool}`);
    const newest = Math.max(...slices.map(({ spec }) => spec.pool.generation));
    return slices
      .filter(({ spec }) => spec.pool.generation === newest)
      .flatMap(({ spec }) => spec.devices ?? [])
      .find(({ name }) => name === device);
  }

  private async evict(pod: Pod, { rules }: DeviceEviction): Promise<void> {
    const { namespace, name } = splitObjectKey(objectKey(pod));
    const { uid = '', generation } = pod.metadata;
    const client = this.context.client.resource(pods);
    this.tell(pod, 'Marking for deletion');
    const conditions = setCondition(pod.status?.conditions, {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByDeviceTaintManager',
      message: 'Device Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: formatTime(this.context.clock.now()),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    });
    try {
      const body = { metadata: { uid }, status: { conditions } };
      await client.patch(name, { type: 'strategic', body }, { namespace, subresource: 'status' });
      await client.delete(name, { namespace, preconditions: { uid } });
      for (const rule of rules) this.evicted.set(rule, (this.evicted.get(rule) ?? 0) + 1);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private tell(pod: Pod, message: string): void {
    this.recorder.event(pod, 'Normal', 'DeviceTaintManagerEviction', message);
  }

  /** Their conditions count the pods; a little later there may be more to count. */
  private tellRules({ rules }: DeviceEviction): void {
    for (const { metadata } of this.rules?.lister.list() ?? [])
      if (rules.has(metadata.uid ?? '')) this.queue.addAfter(`rule/${metadata.name}`, STATUS_PERIOD_MS);
  }

  private async syncRule(name: string): Promise<ReconcileResult> {
    const rule = this.rules?.lister.get(name);
    if (!rule) return;
    const now = this.context.clock.now();
    const before = findCondition(rule.status?.conditions, EVICTION_IN_PROGRESS);
    const ageMs = now.getTime() - Date.parse(before?.lastTransitionTime ?? '');
    if (before?.observedGeneration === rule.metadata.generation && ageMs < STATUS_PERIOD_MS)
      return { requeueAfterMs: STATUS_PERIOD_MS - ageMs };
    const next = ruleCondition(rule, this.reachOf(rule));
    const { lastTransitionTime: _, ...known } = before ?? {};
    if (deepEqual(known, next)) return;
    const others = (rule.status?.conditions ?? []).filter(({ type }) => type !== EVICTION_IN_PROGRESS);
    const conditions = [...others, { ...next, lastTransitionTime: formatTime(now) }];
    await updateStatus(this.context.client, devicetaintrules, rule, { ...rule.status, conditions });
  }

  /** A rule without effect is judged as if it drove pods away. */
  private reachOf(rule: DeviceTaintRule) {
    const { effect } = rule.spec.taint;
    const uid = rule.metadata.uid ?? '';
    const acting: DeviceTaintRule = {
      ...rule,
      spec: { ...rule.spec, taint: { ...rule.spec.taint, effect: 'NoExecute' } },
    };
    const isCounted = effect === 'NoExecute' || effect === 'None';
    const pending = isCounted
      ? this.pods.lister
          .list()
          .filter((pod) => !pod.metadata.deletionTimestamp && this.evictionOf(pod, [acting])?.rules.has(uid))
      : [];
    const published = this.slices.lister
      .list()
      .flatMap(({ spec }) =>
        (spec.devices ?? []).map(({ name }) => ({ driver: spec.driver, pool: spec.pool.name, device: name })),
      );
    const allocated = this.claims.lister.list().flatMap(({ status }) => status?.allocation?.devices?.results ?? []);
    return {
      pendingPods: pending.length,
      pendingNamespaces: new Set(pending.map(({ metadata }) => metadata.namespace)).size,
      publishedDevices: published.filter((place) => ruleMatches(rule, place)).length,
      allocatedDevices: allocated.filter((place) => ruleMatches(rule, place)).length,
      evictedPods: this.evicted.get(uid) ?? 0,
    };
  }
}
