import { deepEqual, parseLabelSelector, parseQuantity, type Selector } from '@pilothouse/apimachinery';
import {
  type autoscalingV1,
  type HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerCondition,
  type HorizontalPodAutoscalerStatus,
  horizontalpodautoscalers,
  type Pod,
  pods,
} from '@pilothouse/api';
import type { DiscoveredResource, EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { formatTime } from '../conditions.ts';
import { updateStatus } from '../update-status.ts';
import { computeMetrics, type MetricsOutcome } from './compute-metrics.ts';
import { MetricsClient } from './metrics-client.ts';
import { NO_HISTORY, planLimits, recordScale, type ScalingHistory } from './plan-limits.ts';
import type { Tolerances } from './plan-replicas.ts';
import { ScaleClient } from './scale-client.ts';

type Hpa = HorizontalPodAutoscaler;
type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

/** What one pass over an autoscaler collects until its status is written. */
interface Pass {
  readonly hpa: Hpa;
  readonly namespace: string;
  readonly now: Date;
  conditions: HorizontalPodAutoscalerCondition[];
}

/**
 * Sets the number of replicas by what the metrics say, every sync period.
 * Mirrors pkg/controller/podautoscaler; https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
 */
export class HorizontalPodAutoscalerController implements Controller {
  readonly name = 'horizontal-pod-autoscaler-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly autoscalers: SharedInformer<Hpa>;
  private readonly pods: SharedInformer<Pod>;
  private readonly metrics: MetricsClient;
  private readonly scales: ScaleClient;
  private readonly histories = new Map<string, ScalingHistory>();
  /** The selector of each autoscaler's target, by its key: to see when two fight for the same pods. */
  private readonly selectors = new Map<string, Selector>();

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder('horizontal-pod-autoscaler');
    this.autoscalers = context.informers.for(horizontalpodautoscalers);
    this.pods = context.informers.for(pods);
    this.metrics = new MetricsClient(context.client);
    this.scales = new ScaleClient(context.client);
    this.autoscalers.addHandler({
      onAdd: (hpa) => this.queue.add(keyOf(hpa)),
      // Its own status does not make it look again sooner.
      onUpdate: (before, after) => {
        if (!deepEqual(before.spec, after.spec)) this.queue.add(keyOf(after));
      },
      onDelete: (hpa) => {
        this.histories.delete(keyOf(hpa));
        this.selectors.delete(keyOf(hpa));
      },
    });
  }

  /** Comes back every sync period, whatever happened: failing sooner again would only hammer the metrics API. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const hpa = this.autoscalers.lister.get(key);
    if (!hpa || hpa.metadata.deletionTimestamp) return;
    try {
      await this.scale(hpa);
    } catch (error) {
      this.context.logger.warn({ autoscaler: key, err: error }, 'Could not scale');
    }
    return { requeueAfterMs: this.context.options.horizontalPodAutoscaler.syncPeriodMs };
  }

  private async scale(hpa: Hpa): Promise<void> {
    const { name = '', namespace = '' } = hpa.metadata;
    const now = this.context.clock.now();
    const pass: Pass = { hpa, namespace, now, conditions: [...(hpa.status?.conditions ?? [])] };
    const reference = `${hpa.spec.scaleTargetRef.kind}/${namespace}/${hpa.spec.scaleTargetRef.name}`;
    const target = await this.fetchTarget(pass);
    if (!target) return;
    note(
      pass,
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    );
    const { scale } = target;
    const current = scale.spec?.replicas ?? 0;
    const key = `${namespace}/${name}`;
    if (!this.histories.has(key)) {
      this.histories.set(key, { ...NO_HISTORY, recommendations: [{ atMs: now.getTime(), replicas: current }] });
    }

    const { minReplicas = 1, maxReplicas } = hpa.spec;
    if (current === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      note(pass, 'ScalingActive', 'False', 'ScalingDisabled', message);
      return this.writeStatus(pass, current, 0, []);
    }
    if (current > maxReplicas) {
      return this.rescale(pass, target, maxReplicas, 'Current number of replicas above Spec.MaxReplicas', []);
    }
    if (current < minReplicas) {
      return this.rescale(pass, target, minReplicas, 'Current number of replicas below Spec.MinReplicas', []);
    }

    const outcome = await this.computeOutcome(pass, scale);
    if (outcome.replicas === undefined) {
      await this.writeStatus(pass, current, hpa.status?.desiredReplicas ?? 0, outcome.statuses);
      this.recorder.event(hpa, 'Warning', 'FailedComputeMetricsReplicas', outcome.error ?? '');
      throw new Error(
        `failed to compute desired number of replicas based on listed metrics for ${reference}: ${outcome.error}`,
      );
    }
    const limits = planLimits({
      currentReplicas: current,
      desiredReplicas: outcome.replicas,
      minReplicas,
      maxReplicas,
      behavior: hpa.spec.behavior,
      history: this.histories.get(key)!,
      nowMs: now.getTime(),
      downscaleStabilizationMs: this.context.options.horizontalPodAutoscaler.downscaleStabilizationMs,
    });
    this.histories.set(key, limits.history);
    note(pass, 'AbleToScale', 'True', limits.able.reason, limits.able.message);
    note(pass, 'ScalingLimited', limits.limited.status, limits.limited.reason, limits.limited.message);
    if (limits.replicas === current) return this.writeStatus(pass, current, current, outcome.statuses);
    const reason = outcome.replicas > current ? `${outcome.name} above target` : 'All metrics below target';
    return this.rescale(pass, target, limits.replicas, outcome.replicas === current ? '' : reason, outcome.statuses);
  }

  private async fetchTarget(
    pass: Pass,
  ): Promise<{ readonly resource: DiscoveredResource; readonly scale: autoscalingV1.Scale } | undefined> {
    const { hpa, namespace } = pass;
    try {
      const resource = await this.scales.findResource(hpa.spec.scaleTargetRef);
      return { resource, scale: await this.scales.get(resource, namespace, hpa.spec.scaleTargetRef.name) };
    } catch (error) {
      const { message } = error as Error;
      this.recorder.event(hpa, 'Warning', 'FailedGetScale', message);
      const text = `the HPA controller was unable to get the target's current scale: ${message}`;
      note(pass, 'AbleToScale', 'False', 'FailedGetScale', text);
      const { currentReplicas = 0, desiredReplicas = 0, currentMetrics } = hpa.status ?? {};
      await this.writeStatus(pass, currentReplicas, desiredReplicas, currentMetrics ?? []);
      return undefined;
    }
  }

  private async computeOutcome(pass: Pass, scale: autoscalingV1.Scale): Promise<MetricsOutcome> {
    const { hpa, namespace, now } = pass;
    const { horizontalPodAutoscaler: options } = this.context.options;
    const selector = scale.status?.selector ?? '';
    const selected = this.selectPods(hpa, namespace, selector);
    if ('reason' in selected) {
      this.recorder.event(hpa, 'Warning', selected.event, selected.error);
      note(pass, 'ScalingActive', 'False', selected.reason, selected.message);
      return {
        replicas: undefined,
        name: '',
        statuses: [],
        scalingActive: { status: 'False', reason: selected.reason, message: selected.message },
        error: selected.error,
      };
    }
    const input = {
      metrics: this.metrics,
      scales: this.scales,
      namespace,
      scale,
      selector,
      pods: selected.pods,
      tolerances: tolerancesOf(hpa, options.tolerance),
      readiness: options,
      nowMs: now.getTime(),
    };
    const outcome = await computeMetrics(hpa, input, this.recorder);
    const { status, reason, message } = outcome.scalingActive;
    note(pass, 'ScalingActive', status, reason, message);
    return outcome;
  }

  private selectPods(
    hpa: Hpa,
    namespace: string,
    text: string,
  ): { readonly pods: readonly Pod[] } | { reason: string; event: string; message: string; error: string } {
    if (text === '') {
      const error = 'selector is required';
      return {
        error,
        event: 'SelectorRequired',
        reason: 'InvalidSelector',
        message: "the HPA target's scale is missing a selector",
      };
    }
    let selector: Selector;
    try {
      selector = parseLabelSelector(text);
    } catch (cause) {
      const error = `couldn't convert selector into a corresponding internal selector object: ${(cause as Error).message}`;
      return { error, event: 'InvalidSelector', reason: 'InvalidSelector', message: error };
    }
    this.selectors.set(keyOf(hpa), selector);
    const selected = this.pods.lister.list(namespace).filter(({ metadata }) => selector.matches(metadata.labels));
    const rivals = [...this.selectors]
      .filter(([key]) => key.startsWith(`${namespace}/`))
      .filter(([, other]) => selected.some(({ metadata }) => other.matches(metadata.labels)))
      .map(([key]) => key);
    if (rivals.length > 1) {
      const error = `pods by selector ${text} are controlled by multiple HPAs: [${rivals.toSorted().join(' ')}]`;
      return { error, event: 'AmbiguousSelector', reason: 'AmbiguousSelector', message: error };
    }
    return { pods: selected };
  }

  private async rescale(
    pass: Pass,
    { resource, scale }: { readonly resource: DiscoveredResource; readonly scale: autoscalingV1.Scale },
    desired: number,
    why: string,
    statuses: MetricsOutcome['statuses'],
  ): Promise<void> {
    const { hpa, now } = pass;
    const current = scale.spec?.replicas ?? 0;
    try {
      await this.scales.update(resource, { ...scale, spec: { ...scale.spec, replicas: desired } });
    } catch (error) {
      const { message } = error as Error;
      this.recorder.event(hpa, 'Warning', 'FailedRescale', `New size: ${desired}; reason: ${why}; error: ${message}`);
      const text = `the HPA controller was unable to update the target scale: ${message}`;
      note(pass, 'AbleToScale', 'False', 'FailedUpdateScale', text);
      await this.writeStatus(pass, current, hpa.status?.desiredReplicas ?? 0, statuses);
      throw error;
    }
    const text = `the HPA controller was able to update the target scale to ${desired}`;
    note(pass, 'AbleToScale', 'True', 'SucceededRescale', text);
    this.recorder.event(hpa, 'Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${why}`);
    const key = keyOf(hpa);
    const change = { from: current, to: desired, nowMs: now.getTime() };
    this.histories.set(key, recordScale(this.histories.get(key) ?? NO_HISTORY, hpa.spec.behavior, change));
    return this.writeStatus(pass, current, desired, statuses, formatTime(now));
  }

  private async writeStatus(
    { hpa, conditions }: Pass,
    currentReplicas: number,
    desiredReplicas: number,
    currentMetrics: MetricsOutcome['statuses'],
    lastScaleTime = hpa.status?.lastScaleTime,
  ): Promise<void> {
    const status: HorizontalPodAutoscalerStatus = {
      ...(lastScaleTime ? { lastScaleTime } : {}),
      ...(currentReplicas === 0 ? {} : { currentReplicas }),
      desiredReplicas,
      currentMetrics: currentMetrics.length === 0 ? null : [...currentMetrics],
      conditions,
    };
    await updateStatus(this.context.client, horizontalpodautoscalers, hpa, status);
  }
}

const keyOf = ({ metadata }: Hpa): string => `${metadata.namespace}/${metadata.name}`;

function note(pass: Pass, type: ConditionType, status: string, reason: string, message: string): void {
  const before = pass.conditions.find((each) => each.type === type);
  const next = { type, status, reason, message, lastTransitionTime: formatTime(pass.now) };
  // The message follows the metrics; the time only says when the status changed.
  pass.conditions = before
    ? pass.conditions.map((each) =>
        each === before
          ? {
              ...next,
              lastTransitionTime: before.status === status ? before.lastTransitionTime : next.lastTransitionTime,
            }
          : each,
      )
    : [...pass.conditions, next];
}

/** `behavior.scaleUp.tolerance` and the other, KEP-4951, else the flag. */
function tolerancesOf({ spec }: Hpa, tolerance: number): Tolerances {
  const own = (text: string | undefined): number => (text === undefined ? tolerance : parseQuantity(text).toNumber());
  return { scaleUp: own(spec.behavior?.scaleUp?.tolerance), scaleDown: own(spec.behavior?.scaleDown?.tolerance) };
}
