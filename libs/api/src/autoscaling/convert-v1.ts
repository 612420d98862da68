import type { autoscalingV1, autoscalingV2 } from '@pilothouse/api';
import { fromV1Metric, fromV1MetricStatus, toV1Metric, toV1MetricStatus } from './convert-v1-metrics.ts';
import {
  BEHAVIOR_ANNOTATION,
  CONDITIONS_ANNOTATION,
  CURRENT_METRICS_ANNOTATION,
  dropRoundTripAnnotations,
  METRICS_ANNOTATION,
} from './round-trip-annotations.ts';

/**
 * autoscaling/v1 knows one metric, CPU utilization. All else travels in annotations, in the shapes that upstream
 * writes there, so that a client of v1 can write back what it has read without losing anything.
 */
type V1 = autoscalingV1.HorizontalPodAutoscaler;
type V2 = autoscalingV2.HorizontalPodAutoscaler;

export function toV1(each: V2): V1 {
  const { spec, status } = each;
  const cpu = spec?.metrics?.find(isCpuUtilization);
  const rest = (spec?.metrics ?? []).filter((metric) => metric !== cpu);
  const annotations: Record<string, string> = {};
  if (rest.length > 0) annotations[METRICS_ANNOTATION] = JSON.stringify(rest.map(toV1Metric));
  if (spec?.behavior) annotations[BEHAVIOR_ANNOTATION] = JSON.stringify(renameKeys(spec.behavior, upperFirst));
  if (status?.conditions?.length) annotations[CONDITIONS_ANNOTATION] = JSON.stringify(status.conditions);
  if (status?.currentMetrics?.length) {
    annotations[CURRENT_METRICS_ANNOTATION] = JSON.stringify(status.currentMetrics.map(toV1MetricStatus));
  }
  const current = status?.currentMetrics?.find(
    ({ resource }) => resource?.name === 'cpu' && resource.current.averageUtilization !== undefined,
  );
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(each, annotations),
    spec: {
      ...sharedSpec(spec),
      ...(cpu ? { targetCPUUtilizationPercentage: cpu.resource!.target.averageUtilization! } : {}),
    },
    ...(status
      ? {
          status: {
            ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
            ...(status.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
            currentReplicas: status.currentReplicas ?? 0,
            desiredReplicas: status.desiredReplicas ?? 0,
            ...(current ? { currentCPUUtilizationPercentage: current.resource!.current.averageUtilization! } : {}),
          },
        }
      : {}),
  };
}

export function fromV1(each: V1): V2 {
  const { spec, status } = each;
  const annotations = each.metadata?.annotations ?? {};
  const cpu = spec?.targetCPUUtilizationPercentage;
  const metrics = list<autoscalingV1.MetricSpec>(annotations[METRICS_ANNOTATION]).map(fromV1Metric);
  if (cpu !== undefined) {
    metrics.push({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } },
    });
  }
  const behavior = parse(annotations[BEHAVIOR_ANNOTATION]);
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(each, {}),
    spec: {
      ...sharedSpec(spec),
      ...(metrics.length > 0 ? { metrics } : {}),
      ...(isObject(behavior)
        ? { behavior: renameKeys(behavior, lowerFirst) as autoscalingV2.HorizontalPodAutoscalerBehavior }
        : {}),
    },
    ...(status ? { status: statusFromV1(status, annotations) } : {}),
  };
}

/** Server-side apply converts objects that have only some of their fields, required ones too. */
function sharedSpec(
  spec: Partial<V1['spec']> | undefined,
): Pick<V1['spec'], 'scaleTargetRef' | 'minReplicas' | 'maxReplicas'> {
  const { scaleTargetRef = { kind: '', name: '' }, minReplicas, maxReplicas = 0 } = spec ?? {};
  return { scaleTargetRef, ...(minReplicas === undefined ? {} : { minReplicas }), maxReplicas };
}

function statusFromV1(
  status: autoscalingV1.HorizontalPodAutoscalerStatus,
  annotations: Readonly<Record<string, string>>,
): autoscalingV2.HorizontalPodAutoscalerStatus {
  const cpu = status.currentCPUUtilizationPercentage;
  const conditions = list<autoscalingV2.HorizontalPodAutoscalerCondition>(annotations[CONDITIONS_ANNOTATION]);
  let currentMetrics = list<autoscalingV1.MetricStatus>(annotations[CURRENT_METRICS_ANNOTATION]).map(
    fromV1MetricStatus,
  );
  if (currentMetrics.length === 0 && cpu !== undefined) {
    currentMetrics = [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: cpu } } }];
  }
  return {
    ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
    ...(status.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
    currentReplicas: status.currentReplicas ?? 0,
    desiredReplicas: status.desiredReplicas ?? 0,
    currentMetrics: currentMetrics.length > 0 ? currentMetrics : null,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

const isCpuUtilization = ({ type, resource }: autoscalingV2.MetricSpec): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined;

function withAnnotations(each: V1 | V2, added: Readonly<Record<string, string>>): V1['metadata'] {
  const bare = { metadata: each.metadata ?? {} };
  dropRoundTripAnnotations(bare);
  const annotations = { ...bare.metadata.annotations, ...added };
  return Object.keys(annotations).length > 0 ? { ...bare.metadata, annotations } : bare.metadata;
}

/** Upstream writes the behavior with the names of Go's fields, and reads any case. */
function renameKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [rename(key), renameKeys(item, rename)]));
}

const upperFirst = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);
const lowerFirst = (key: string): string => key.charAt(0).toLowerCase() + key.slice(1);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What cannot be read is ignored: annotations are anybody's to write. */
function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function list<T>(text: string | undefined): T[] {
  const value = parse(text);
  return Array.isArray(value) && value.every(isObject) ? (value as T[]) : [];
}
