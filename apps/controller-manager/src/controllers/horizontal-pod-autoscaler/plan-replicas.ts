import type { PodGroups, PodMetrics } from './pod-groups.ts';

/** How far from 1 the ratio of usage to target may be without anything being done. */
export interface Tolerances {
  readonly scaleUp: number;
  readonly scaleDown: number;
}

export interface Proposal {
  readonly replicas: number;
  /** In percent of the requests; only against a utilization target. */
  readonly utilization?: number;
  /** The average over the pods, in thousandths. */
  readonly average: number;
}

/** A reason why no number can be proposed; its message is what the user sees. */
export class NoProposal extends Error {
  override name = 'NoProposal';
}

interface Usage {
  readonly ratio: number;
  readonly utilization?: number;
  readonly average: number;
}

type Measure = (metrics: PodMetrics) => Usage;

function isWithin(ratio: number, { scaleUp, scaleDown }: Tolerances): boolean {
  return 1 - scaleDown <= ratio && ratio <= 1 + scaleUp;
}

/** Against a percentage of what the pods request. */
export function planUtilization(
  metrics: PodMetrics,
  groups: PodGroups,
  options: {
    readonly currentReplicas: number;
    readonly targetUtilization: number;
    /** Thousandths by pod name. */
    readonly requests: ReadonlyMap<string, number>;
    readonly tolerances: Tolerances;
  },
): Proposal {
  const { targetUtilization, requests } = options;
  const measure: Measure = (some) => measureUtilization(some, requests, targetUtilization);
  // With a target above 100 %, a pod of which nothing is known is taken to be at the target.
  const assumed = (pod: string): number => ((requests.get(pod) ?? 0) * Math.max(100, targetUtilization)) / 100;
  return plan(metrics, groups, measure, assumed, options);
}

/** Against an average value per pod. */
export function planAverage(
  metrics: PodMetrics,
  groups: PodGroups,
  options: { readonly currentReplicas: number; readonly target: number; readonly tolerances: Tolerances },
): Proposal {
  const measure: Measure = (some) => {
    const average = Math.trunc(sum([...some.values()].map(({ value }) => value)) / some.size);
    return { average, ratio: average / options.target };
  };
  return plan(metrics, groups, measure, () => options.target, options);
}

function plan(
  all: PodMetrics,
  { readyCount, unready, missing, ignored }: PodGroups,
  measure: Measure,
  assumedValue: (pod: string) => number,
  { currentReplicas, tolerances }: { readonly currentReplicas: number; readonly tolerances: Tolerances },
): Proposal {
  const metrics = new Map([...all].filter(([pod]) => !ignored.has(pod) && !unready.has(pod)));
  if (metrics.size === 0) {
    throw new NoProposal('did not receive metrics for targeted pods (pods might be unready)');
  }
  const { ratio, ...usage } = measure(metrics);
  const keep = { replicas: currentReplicas, ...usage };
  const upWithUnready = unready.size > 0 && ratio > 1;
  if (!upWithUnready && missing.size === 0) {
    return isWithin(ratio, tolerances) ? keep : { ...keep, replicas: Math.ceil(ratio * readyCount) };
  }
  // What is not known is assumed to be such that less is done: full on the way down, idle on the way up.
  const assume = (pod: string, value: number) => metrics.set(pod, { timestampMs: 0, windowMs: 0, value });
  if (ratio < 1) for (const pod of missing) assume(pod, assumedValue(pod));
  if (ratio > 1) for (const pod of missing) assume(pod, 0);
  if (upWithUnready) for (const pod of unready) assume(pod, 0);
  const careful = measure(metrics).ratio;
  if (isWithin(careful, tolerances) || (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1)) return keep;
  const replicas = Math.ceil(careful * metrics.size);
  if ((careful < 1 && replicas > currentReplicas) || (careful > 1 && replicas < currentReplicas)) return keep;
  return { ...keep, replicas };
}

function measureUtilization(metrics: PodMetrics, requests: ReadonlyMap<string, number>, target: number): Usage {
  const known = [...metrics].filter(([pod]) => requests.has(pod));
  const used = sum(known.map(([, { value }]) => value));
  const requested = sum(known.map(([pod]) => requests.get(pod)!));
  if (requested === 0) throw new NoProposal('no metrics returned matched known pods');
  const utilization = Math.trunc((used * 100) / requested);
  return { ratio: utilization / target, utilization, average: Math.trunc(used / known.length) };
}

/** Against a value of something else than the pods; their number follows the ratio. */
export function planValue(options: {
  readonly usage: number;
  readonly target: number;
  readonly currentReplicas: number;
  readonly readyPods: number;
  readonly tolerances: Tolerances;
}): Proposal {
  const { usage, target, currentReplicas, readyPods, tolerances } = options;
  const ratio = usage / target;
  if (currentReplicas === 0) return { replicas: Math.ceil(ratio), average: usage };
  const replicas = isWithin(ratio, tolerances) ? currentReplicas : Math.ceil(ratio * readyPods);
  return { replicas, average: usage };
}

/** Against such a value divided by the number of pods. */
export function planValuePerPod(options: {
  readonly usage: number;
  readonly target: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
}): Proposal {
  const { usage, target, statusReplicas, tolerances } = options;
  const ratio = usage / (target * statusReplicas);
  return {
    replicas: isWithin(ratio, tolerances) ? statusReplicas : Math.ceil(usage / target),
    average: statusReplicas === 0 ? 0 : Math.ceil(usage / statusReplicas),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
