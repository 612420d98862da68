import { parseQuantity, Quantity } from '@pilothouse/apimachinery';
import type { autoscalingV1, autoscalingV2, Pod } from '@pilothouse/api';
import { isPodReady } from '@pilothouse/controller';
import { formatSelector } from './metric-name.ts';
import type { MetricsClient } from './metrics-client.ts';
import {
  NoProposal,
  planAverage,
  type Proposal,
  planUtilization,
  planValue,
  planValuePerPod,
  type Tolerances,
} from './plan-replicas.ts';
import { groupPods, type PodMetrics, type ReadinessOptions } from './pod-groups.ts';
import { podRequests } from './pod-requests.ts';
import { groupResourceOf, type ScaleClient } from './scale-client.ts';

/** What every metric of one autoscaler is computed from. */
export interface MetricInput {
  readonly metrics: MetricsClient;
  readonly scales: ScaleClient;
  readonly namespace: string;
  readonly scale: autoscalingV1.Scale;
  readonly selector: string;
  /** The pods that the selector picks. */
  readonly pods: readonly Pod[];
  readonly tolerances: Tolerances;
  readonly readiness: ReadinessOptions;
  readonly nowMs: number;
}

export interface ComputedMetric {
  readonly replicas: number;
  readonly status: autoscalingV2.MetricStatus;
}

/** The number of replicas that one metric asks for, and its present value. Throws an Error that says why there is none. */
export async function computeMetric(spec: autoscalingV2.MetricSpec, input: MetricInput): Promise<ComputedMetric> {
  const { type } = spec;
  switch (type) {
    case 'Object':
      return computeObject(spec.object!, input);
    case 'Pods': {
      const { metric, target } = spec.pods!;
      const proposal = await computePods(metric, target, input);
      return { replicas: proposal.replicas, status: { type, pods: { metric, current: averageOf(proposal) } } };
    }
    case 'Resource': {
      const { name, target } = spec.resource!;
      const proposal = await computeResource(name, target, input);
      return { replicas: proposal.replicas, status: { type, resource: { name, current: averageOf(proposal) } } };
    }
    case 'ContainerResource': {
      const { name, container, target } = spec.containerResource!;
      const proposal = await computeResource(name, target, input, container);
      const current = averageOf(proposal);
      return { replicas: proposal.replicas, status: { type, containerResource: { name, container, current } } };
    }
    default:
      return computeExternal(spec.external!, input);
  }
}

async function computeResource(
  name: string,
  { averageValue, averageUtilization }: autoscalingV2.MetricTarget,
  input: MetricInput,
  container?: string,
): Promise<Proposal> {
  if (averageValue === undefined && averageUtilization === undefined) {
    throw new NoProposal(
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    );
  }
  const what = averageValue === undefined ? 'utilization' : 'usage';
  return explained(`failed to get ${name} ${what}`, async () => {
    const fetched = await explained(`unable to get metrics for resource ${name}`, () =>
      input.metrics.fetchResource(name, input.namespace, input.selector, container),
    );
    const groups = groupsOf(input, fetched, name === 'cpu');
    const common = { currentReplicas: input.scale.spec?.replicas ?? 0, tolerances: input.tolerances };
    if (averageValue !== undefined) return planAverage(fetched, groups, { ...common, target: milli(averageValue) });
    const requests = podRequests(input.pods, name, container);
    return planUtilization(fetched, groups, { ...common, requests, targetUtilization: averageUtilization! });
  });
}

async function computePods(
  metric: autoscalingV2.MetricIdentifier,
  target: autoscalingV2.MetricTarget,
  input: MetricInput,
): Promise<Proposal> {
  return explained('failed to get pods metric value', async () => {
    const fetched = await explained(`unable to get metric ${metric.name}`, () =>
      input.metrics.fetchPods(metric, input.namespace, input.selector),
    );
    const currentReplicas = input.scale.spec?.replicas ?? 0;
    const options = { currentReplicas, target: milli(target.averageValue ?? '0'), tolerances: input.tolerances };
    return planAverage(fetched, groupsOf(input, fetched, false), options);
  });
}

async function computeObject(
  { describedObject, metric, target }: autoscalingV2.ObjectMetricSource,
  input: MetricInput,
): Promise<ComputedMetric> {
  const { kind, name } = describedObject;
  const proposal = await explained('failed to get object metric value', async () => {
    requireTarget(target, 'object');
    const usage = await explained(
      `unable to get metric ${metric.name}: ${kind} on ${input.namespace} ${name}/`,
      async () => {
        const resource = groupResourceOf(await input.scales.findResource(describedObject));
        return input.metrics.fetchObject(metric, input.namespace, resource, name);
      },
      '',
    );
    return planFromValue(usage, target, input);
  });
  const current = currentOf(target, proposal);
  return { replicas: proposal.replicas, status: { type: 'Object', object: { metric, current, describedObject } } };
}

async function computeExternal(
  { metric, target }: autoscalingV2.ExternalMetricSource,
  input: MetricInput,
): Promise<ComputedMetric> {
  const named = `${input.namespace}/${metric.name}/${formatSelector(metric.selector)}`;
  const proposal = await explained(`failed to get ${metric.name} external metric value`, async () => {
    requireTarget(target, 'external');
    const usage = await explained(`unable to get external metric ${named}`, () =>
      input.metrics.fetchExternal(metric, input.namespace),
    );
    return planFromValue(usage, target, input);
  });
  return {
    replicas: proposal.replicas,
    status: { type: 'External', external: { metric, current: currentOf(target, proposal) } },
  };
}

function requireTarget({ value, averageValue }: autoscalingV2.MetricTarget, source: string): void {
  if (value !== undefined || averageValue !== undefined) return;
  throw new NoProposal(`invalid ${source} metric source: neither a value target nor an average value target was set`);
}

function planFromValue(usage: number, target: autoscalingV2.MetricTarget, input: MetricInput): Proposal {
  const { scale, tolerances } = input;
  if (target.averageValue !== undefined) {
    const statusReplicas = scale.status?.replicas ?? 0;
    return planValuePerPod({ usage, target: milli(target.averageValue), statusReplicas, tolerances });
  }
  const currentReplicas = scale.spec?.replicas ?? 0;
  const readyPods = currentReplicas === 0 ? 0 : countReady(input.pods);
  return planValue({ usage, target: milli(target.value!), currentReplicas, readyPods, tolerances });
}

function countReady(pods: readonly Pod[]): number {
  if (pods.length === 0) {
    throw new NoProposal(
      'unable to calculate ready pods: no pods returned by selector while calculating replica count',
    );
  }
  return pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length;
}

function groupsOf({ pods, readiness, nowMs }: MetricInput, metrics: PodMetrics, isCpu: boolean) {
  if (pods.length === 0) throw new NoProposal('no pods returned by selector while calculating replica count');
  return groupPods(pods, metrics, isCpu, readiness, nowMs);
}

const milli = (text: string): number => parseQuantity(text).toMilli();
const quantity = (value: number): string => Quantity.ofMilli(value).toString();

function averageOf({ average, utilization }: Proposal): autoscalingV2.MetricValueStatus {
  return {
    averageValue: quantity(average),
    ...(utilization === undefined ? {} : { averageUtilization: utilization }),
  };
}

function currentOf(
  { averageValue }: autoscalingV2.MetricTarget,
  { average }: Proposal,
): autoscalingV2.MetricValueStatus {
  return averageValue === undefined ? { value: quantity(average) } : { averageValue: quantity(average) };
}

/** Says what was tried when it fails, as Go's wrapped errors do. */
async function explained<T>(what: string, run: () => T | Promise<T>, separator = ': '): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new NoProposal(`${what}${separator}${(error as Error).message}`);
  }
}
