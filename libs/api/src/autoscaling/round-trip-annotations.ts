import type { KubeObject } from '@pilothouse/apimachinery';

const PREFIX = 'autoscaling.alpha.kubernetes.io/';

/** What v2 has and v1 has not, as JSON. Clients of v1 know these names, so they are fixed. */
export const METRICS_ANNOTATION = `${PREFIX}metrics`;
export const BEHAVIOR_ANNOTATION = `${PREFIX}behavior`;
export const CONDITIONS_ANNOTATION = `${PREFIX}conditions`;
export const CURRENT_METRICS_ANNOTATION = `${PREFIX}current-metrics`;

const ALL = [METRICS_ANNOTATION, BEHAVIOR_ANNOTATION, CONDITIONS_ANNOTATION, CURRENT_METRICS_ANNOTATION];

/** v2 has fields for all of it: left in place, stale copies would come back as truth on the next read of v1. */
export function dropRoundTripAnnotations(object: KubeObject): void {
  const { annotations } = object.metadata ?? {};
  if (annotations === undefined || !ALL.some((name) => name in annotations)) return;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([name]) => !ALL.includes(name)));
  const { annotations: _, ...rest } = object.metadata!;
  object.metadata = Object.keys(kept).length > 0 ? { ...rest, annotations: kept } : rest;
}
