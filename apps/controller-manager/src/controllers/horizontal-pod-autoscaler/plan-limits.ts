import type { autoscalingV2 } from '@pilothouse/api';

type Rules = autoscalingV2.HPAScalingRules;
type Policy = autoscalingV2.HPAScalingPolicy;

/** What was wanted, or done, at some time. */
export interface Sample {
  readonly atMs: number;
  readonly replicas: number;
}

/** What the controller remembers of one autoscaler. */
export interface ScalingHistory {
  readonly recommendations: readonly Sample[];
  /** Replicas added, and taken away. */
  readonly ups: readonly Sample[];
  readonly downs: readonly Sample[];
}

export const NO_HISTORY: ScalingHistory = { recommendations: [], ups: [], downs: [] };

export interface LimitsInput {
  readonly currentReplicas: number;
  /** What the metrics propose. */
  readonly desiredReplicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly behavior: autoscalingV2.HorizontalPodAutoscalerBehavior | undefined;
  readonly history: ScalingHistory;
  readonly nowMs: number;
  /** `--horizontal-pod-autoscaler-downscale-stabilization`, where the behaviour does not say. */
  readonly downscaleStabilizationMs: number;
}

interface Explained {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

export interface LimitedScale {
  readonly replicas: number;
  /** Why it can scale now, or waits: of the condition AbleToScale. */
  readonly able: { readonly reason: string; readonly message: string };
  /** Of the condition ScalingLimited. */
  readonly limited: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string };
  readonly history: ScalingHistory;
}

/**
 * What becomes of a proposal: first the recommendations of the past hold it back, then rates and bounds limit it.
 * https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#configurable-scaling-behavior
 */
export function planLimits(input: LimitsInput): LimitedScale {
  const { desiredReplicas, behavior, history, nowMs } = input;
  const stabilized = behavior ? stabilizeWithBehavior(input) : stabilize(input);
  const next = { ...input, desiredReplicas: stabilized.replicas };
  const limited = behavior ? limitWithBehavior(next) : limit(next);
  const { reason, message } = stabilized;
  return {
    replicas: limited.replicas,
    able:
      stabilized.replicas === desiredReplicas
        ? { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
        : { reason, message },
    limited: {
      status: limited.replicas === stabilized.replicas ? 'False' : 'True',
      reason: limited.reason,
      message: limited.message,
    },
    history: {
      ...history,
      recommendations: [
        ...history.recommendations.filter(({ atMs }) => atMs > nowMs - longestWindowMs(input)),
        { atMs: nowMs, replicas: desiredReplicas },
      ],
    },
  };
}

const HIGHEST = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const LOWEST = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};

function stabilize({ desiredReplicas, history, nowMs, downscaleStabilizationMs }: LimitsInput): Explained {
  const recent = history.recommendations.filter(({ atMs }) => atMs > nowMs - downscaleStabilizationMs);
  return { replicas: Math.max(desiredReplicas, ...recent.map(({ replicas }) => replicas)), ...HIGHEST };
}

function stabilizeWithBehavior(input: LimitsInput): Explained {
  const { currentReplicas, desiredReplicas, history, nowMs } = input;
  const since = (windowMs: number) =>
    history.recommendations.filter(({ atMs }) => atMs > nowMs - windowMs).map(({ replicas }) => replicas);
  const { upMs, downMs } = windows(input);
  const lowest = Math.min(desiredReplicas, ...since(upMs));
  const highest = Math.max(desiredReplicas, ...since(downMs));
  const replicas = Math.min(Math.max(currentReplicas, lowest), highest);
  return { replicas, ...(desiredReplicas >= currentReplicas ? LOWEST : HIGHEST) };
}

function windows({ behavior, downscaleStabilizationMs }: LimitsInput): { upMs: number; downMs: number } {
  const down = behavior?.scaleDown?.stabilizationWindowSeconds;
  return {
    upMs: (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000,
    downMs: down === undefined ? downscaleStabilizationMs : down * 1000,
  };
}

function longestWindowMs(input: LimitsInput): number {
  const { upMs, downMs } = windows(input);
  return Math.max(upMs, downMs, input.behavior ? 0 : input.downscaleStabilizationMs);
}

const WITHIN = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' };
const TOO_FEW = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const TOO_MANY = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const UP_LIMIT = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const DOWN_LIMIT = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};

function limit({ currentReplicas, desiredReplicas, minReplicas, maxReplicas }: LimitsInput): Explained {
  const rate = Math.max(2 * currentReplicas, 4);
  const highest = Math.min(maxReplicas, rate);
  if (desiredReplicas < minReplicas) return { replicas: minReplicas, ...TOO_FEW };
  if (desiredReplicas > highest) return { replicas: highest, ...(maxReplicas > rate ? UP_LIMIT : TOO_MANY) };
  return { replicas: desiredReplicas, ...WITHIN };
}

function limitWithBehavior(input: LimitsInput): Explained {
  const { currentReplicas, desiredReplicas, minReplicas, maxReplicas } = input;
  if (desiredReplicas > currentReplicas) {
    const rate = Math.max(currentReplicas, scaleUpLimit(input));
    const highest = Math.min(maxReplicas, rate);
    if (desiredReplicas > highest) return { replicas: highest, ...(maxReplicas > rate ? UP_LIMIT : TOO_MANY) };
  } else if (desiredReplicas < currentReplicas) {
    const rate = Math.min(currentReplicas, scaleDownLimit(input));
    const lowest = Math.max(minReplicas, rate);
    if (desiredReplicas < lowest) return { replicas: lowest, ...(minReplicas < rate ? DOWN_LIMIT : TOO_FEW) };
  }
  return { replicas: desiredReplicas, ...WITHIN };
}

/** Where a policy's period began: before what was added and taken away since. */
function atPeriodStart({ currentReplicas, history, nowMs }: LimitsInput, periodSeconds: number): number {
  const changed = (samples: readonly Sample[]) =>
    samples.filter(({ atMs }) => atMs > nowMs - periodSeconds * 1000).reduce((sum, { replicas }) => sum + replicas, 0);
  return currentReplicas - changed(history.ups) + changed(history.downs);
}

/** https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#default-behavior */
const DEFAULT_UP: readonly Policy[] = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
];
const DEFAULT_DOWN: readonly Policy[] = [{ type: 'Percent', value: 100, periodSeconds: 15 }];

function scaleUpLimit(input: LimitsInput): number {
  const rules = input.behavior?.scaleUp;
  if (rules?.selectPolicy === 'Disabled') return input.currentReplicas;
  const allowed = (rules?.policies ?? DEFAULT_UP).map(({ type, value, periodSeconds }) => {
    const before = atPeriodStart(input, periodSeconds);
    return type === 'Pods' ? before + value : Math.ceil((before * (100 + value)) / 100);
  });
  return rules?.selectPolicy === 'Min' ? Math.min(...allowed) : Math.max(...allowed);
}

function scaleDownLimit(input: LimitsInput): number {
  const rules = input.behavior?.scaleDown;
  if (rules?.selectPolicy === 'Disabled') return input.currentReplicas;
  const allowed = (rules?.policies ?? DEFAULT_DOWN).map(({ type, value, periodSeconds }) => {
    const before = atPeriodStart(input, periodSeconds);
    return type === 'Pods' ? before - value : Math.trunc((before * (100 - value)) / 100);
  });
  // The smallest change leaves the most.
  return rules?.selectPolicy === 'Min' ? Math.max(...allowed) : Math.min(...allowed);
}

/** The history after a rescale; what is older than every policy looks back is forgotten. */
export function recordScale(
  history: ScalingHistory,
  behavior: LimitsInput['behavior'],
  { from, to, nowMs }: { readonly from: number; readonly to: number; readonly nowMs: number },
): ScalingHistory {
  if (!behavior) return history;
  const longest = (rules: Rules | undefined, byDefault: readonly Policy[]) =>
    Math.max(0, ...(rules?.policies ?? byDefault).map(({ periodSeconds }) => periodSeconds * 1000));
  const keepMs = Math.max(longest(behavior.scaleUp, DEFAULT_UP), longest(behavior.scaleDown, DEFAULT_DOWN));
  const recent = (samples: readonly Sample[]) => samples.filter(({ atMs }) => atMs > nowMs - keepMs);
  const ups = recent(history.ups);
  const downs = recent(history.downs);
  if (to > from) ups.push({ atMs: nowMs, replicas: to - from });
  else downs.push({ atMs: nowMs, replicas: from - to });
  return { ...history, ups, downs };
}
