import {
  badRequest,
  conflict,
  isConflict,
  isNotFound,
  OPTIMISTIC_LOCK_MESSAGE,
  selectorFromLabelSelector,
  StatusError,
  tooManyRequests,
  type KubeObject,
  type Status,
} from '@pilothouse/apimachinery';
import type { Pod, PodCondition, PodDisruptionBudget } from '@pilothouse/api';
import { admissionAttributes } from '../endpoints/admit.ts';
import { writeContext, type Endpoint } from '../endpoints/target.ts';
import type { WriteServices } from '../endpoints/write-services.ts';
import { readWriteOptions } from '../endpoints/write-options.ts';
import { readBody } from '../http/read-body.ts';
import { respondStatus } from '../http/respond-error.ts';
import { bodyEncoding, decodeBody } from '../negotiation/decode-body.ts';
import { codecFor } from '../printing/meta-codecs.ts';
import { validateDeleteOptions, type DeleteOptions } from '../registry/deletion.ts';
import { formatTime } from '../registry/metadata.ts';
import type { Resources, ServedResource } from '../registry/resources.ts';
import type { WriteContext } from '../registry/write-context.ts';

/** More pods than this may not be on their way out at once under one budget (upstream's MaxDisruptedPodSize). */
const MAX_DISRUPTED_PODS = 2000;
const RETRY_AFTER_SECONDS = 10;

/** A delete that asks the disruption budgets first. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ */
export const evictPod =
  ({ admission }: WriteServices, resources: Resources): Endpoint =>
  async (request, target) => {
    const writeOptions = readWriteOptions(request, 'CreateOptions');
    const eviction = await readEviction(request.headers['content-type'], await readBody(request));
    const name = eviction.metadata?.name;
    if (name && name !== target.key.name) throw badRequest('name in URL does not match name in Eviction object');
    const options: DeleteOptions = { ...eviction.deleteOptions };
    validateDeleteOptions(options);
    const dryRun = writeOptions.dryRun || (options.dryRun ?? []).length > 0;
    const context = writeContext(request, target, dryRun);
    await admission.admit(admissionAttributes(request, target, 'CREATE', context, { object: eviction }));
    const { registry } = target.resource;
    const pod = (await registry.get(target.key)).object as Pod;
    if (!skipsBudgets(pod)) await useBudget(resources.get('policy', 'poddisruptionbudgets'), pod, context);
    const preconditions = { uid: pod.metadata?.uid, ...options.preconditions };
    const isAsExpected = (resourceVersion: string | undefined): boolean =>
      preconditions.resourceVersion === undefined || preconditions.resourceVersion === resourceVersion;
    if (!dryRun && !pod.metadata?.deletionTimestamp && isAsExpected(pod.metadata?.resourceVersion)) {
      await registry.update(
        target.key,
        (current) => withDisruption(current!.object as Pod, context.now) as KubeObject,
        context,
        { subresource: { name: 'status', verbs: ['update'] }, allowUnconditional: true },
      );
      // What the client knew was true until this write.
      delete preconditions.resourceVersion;
    }
    await registry.delete(target.key, { ...options, preconditions: defined(preconditions) }, context);
    await respondStatus(request, EVICTED);
  };

/** Pure: the pod with the condition that tells Jobs and people that it was disturbed and did not fail. */
function withDisruption(pod: Pod, now: Date): Pod {
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget');
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: formatTime(now),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
  };
  return { ...pod, status: { ...pod.status, conditions: [...others, condition as PodCondition] } };
}

const EVICTED: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

interface Eviction {
  kind: string;
  apiVersion: string;
  metadata?: { name?: string };
  deleteOptions?: DeleteOptions;
}

/** kubectl before 1.22 evicts with the beta kind, which upstream still takes here though it serves it nowhere else. */
async function readEviction(contentType: string | undefined, body: Buffer): Promise<Eviction> {
  const decodeAs = (version: string): Eviction => {
    const expected = {
      codec: codecFor('policy', version, 'Eviction'),
      kind: 'Eviction',
      apiVersion: `policy/${version}`,
    };
    return decodeBody(body, bodyEncoding(contentType), expected, 'Ignore', () => {}) as Eviction;
  };
  try {
    return decodeAs('v1');
  } catch (error) {
    const isBeta =
      error instanceof StatusError && error.message.startsWith('the API version in the data (policy/v1beta1)');
    if (!isBeta) throw error;
    return { ...decodeAs('v1beta1'), apiVersion: 'policy/v1' };
  }
}

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Pods that are over, not running yet or already going need no budget. */
function skipsBudgets(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return (
    phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata?.deletionTimestamp !== undefined
  );
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** Takes one disruption from the pod's budget; throws 429 when there is none to take. */
async function useBudget(budgets: ServedResource, pod: Pod, context: WriteContext): Promise<void> {
  const namespace = pod.metadata?.namespace ?? '';
  const { items } = await budgets.registry.store.list({ namespace, resourceVersion: '0', unfiltered: true });
  const matching = items.filter(({ object }) => {
    const { selector } = (object as PodDisruptionBudget).spec ?? {};
    return selector !== undefined && selectorFromLabelSelector(selector).matches(pod.metadata?.labels);
  });
  if (matching.length === 0) return;
  if (matching.length > 1) {
    throw new StatusError({
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      reason: 'InternalError',
      code: 500,
    });
  }
  const budget = matching[0]!.object as PodDisruptionBudget;
  if (!isReady(pod) && mayEvictUnready(budget)) return;
  try {
    await budgets.registry.update(
      matching[0]!.key,
      (current) => takeDisruption(current!.object as PodDisruptionBudget, pod, context.now),
      context,
      { subresource: { name: 'status', verbs: ['update'] }, allowUnconditional: true },
    );
  } catch (error) {
    if (isNotFound(error)) return;
    if (isConflict(error))
      throw conflict(
        { group: 'policy', resource: 'poddisruptionbudgets' },
        budget.metadata?.name ?? '',
        OPTIMISTIC_LOCK_MESSAGE,
      );
    throw error;
  }
}

function mayEvictUnready({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) && (status?.desiredHealthy ?? 0) > 0;
}

/** Pure: the budget with one disruption less. Upstream: EvictionREST.checkAndDecrement. */
function takeDisruption(budget: PodDisruptionBudget, pod: Pod, now: Date): PodDisruptionBudget {
  const { metadata, status } = budget;
  const name = metadata?.name ?? '';
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0)) {
    throw refusal(`The disruption budget ${name} is still being processed by the server.`, 'DisruptionBudget');
  }
  if ((status?.disruptionsAllowed ?? 0) <= 0) {
    const needs = `The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`;
    throw refusal(needs, 'DisruptionBudget');
  }
  const disruptedPods = { ...status?.disruptedPods };
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED_PODS) {
    throw new StatusError({
      message: `DisruptedPods map too big - too many evictions not confirmed by PDB controller`,
      reason: 'Forbidden',
      code: 403,
    });
  }
  disruptedPods[pod.metadata?.name ?? ''] = formatTime(now);
  return {
    ...budget,
    status: { ...status, disruptionsAllowed: (status?.disruptionsAllowed ?? 0) - 1, disruptedPods },
  } as PodDisruptionBudget;
}

function refusal(why: string, reason: string): StatusError {
  const { status } = tooManyRequests(
    "Cannot evict pod as it would violate the pod's disruption budget.",
    RETRY_AFTER_SECONDS,
  );
  return new StatusError({ ...status, details: { causes: [{ reason, message: why }] } });
}
