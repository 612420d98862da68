import { deepEqual, isConflict, isNotFound, objectKey, selectorFromLabelSelector } from '@pilothouse/apimachinery';
import {
  poddisruptionbudgets,
  pods,
  type Pod,
  type PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { describeSelector } from './describe-selector.ts';
import { ExpectedScaleFinder } from './expected-scale.ts';
import { countHealthy, needsScale, planDisruptions, planExpectedPods, planFailSafe, planStatus } from './plan.ts';

/**
 * Keeps the numbers in the status of PodDisruptionBudgets from which the apiserver decides evictions. Mirrors
 * pkg/controller/disruption.
 */
export class DisruptionController implements Controller {
  readonly name = 'disruption-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly budgets: SharedInformer<PodDisruptionBudget>;
  private readonly pods: SharedInformer<Pod>;
  private readonly scales: ExpectedScaleFinder;

  constructor(context: ControllerContext) {
    this.context = context;
    this.recorder = context.recorder('controllermanager');
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.budgets = context.informers.for(poddisruptionbudgets);
    this.pods = context.informers.for(pods);
    this.scales = new ExpectedScaleFinder(context);
    this.budgets.addHandler({
      onAdd: (budget) => this.queue.add(objectKey(budget)),
      onUpdate: (_, budget) => this.queue.add(objectKey(budget)),
    });
    this.pods.addHandler({
      onAdd: (pod) => this.enqueueBudgetsOf(pod),
      onUpdate: (before, after) => {
        this.enqueueBudgetsOf(after);
        if (!deepEqual(before.metadata.labels, after.metadata.labels)) this.enqueueBudgetsOf(before);
      },
      onDelete: (pod) => this.enqueueBudgetsOf(pod),
    });
  }

  private enqueueBudgetsOf(pod: Pod): void {
    for (const budget of this.budgets.lister.list(pod.metadata.namespace))
      if (selects(budget, pod)) this.queue.add(objectKey(budget));
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const budget = this.budgets.lister.get(key);
    if (!budget) return;
    try {
      return await this.sync(budget);
    } catch (error) {
      if (isConflict(error)) throw error;
      const problem = error instanceof Error ? error.message : String(error);
      await this.write(budget, planFailSafe(budget, problem, this.context.clock.now()));
      throw error;
    }
  }

  private async sync(budget: PodDisruptionBudget): Promise<ReconcileResult> {
    const selected = this.pods.lister.list(budget.metadata.namespace).filter((pod) => selects(budget, pod));
    if (selected.length === 0) this.recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const scale = needsScale(budget) ? await this.scaleOf(budget, selected) : 0;
    const expected = planExpectedPods(budget, selected.length, scale);
    const now = this.context.clock.now();
    const { pending, failed, recheckAfterMs } = planDisruptions(budget, selected, now);
    for (const pod of failed) {
      const { namespace, name } = budget.metadata;
      this.recorder.event(
        pod,
        'Warning',
        'NotDeleted',
        `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`,
      );
    }
    await this.write(budget, planStatus(budget, expected, countHealthy(selected, pending), pending, now));
    return recheckAfterMs === undefined ? undefined : { requeueAfterMs: recheckAfterMs };
  }

  private async scaleOf(budget: PodDisruptionBudget, selected: readonly Pod[]): Promise<number> {
    try {
      const { scale, unmanaged } = await this.scales.find(selected);
      if (unmanaged.length > 0) {
        const selector = describeSelector(budget.spec.selector);
        const text = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
        this.recorder.event(budget, 'Warning', 'UnmanagedPods', text);
      }
      return scale;
    } catch (error) {
      const text = `Failed to calculate the number of expected pods: ${(error as Error).message}`;
      this.recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', text);
      throw error;
    }
  }

  /** Never over an eviction that was noted down in the meantime: then the update conflicts, and is planned anew. */
  private async write(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): Promise<void> {
    if (deepEqual(budget.status, status)) return;
    try {
      await this.context.client
        .resource(poddisruptionbudgets)
        .update({ ...budget, status }, { namespace: budget.metadata.namespace ?? '', subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** A budget without a selector has no pods, one with an empty selector all of its namespace. */
function selects({ spec }: PodDisruptionBudget, pod: Pod): boolean {
  return selectorFromLabelSelector(spec.selector).matches(pod.metadata.labels);
}
