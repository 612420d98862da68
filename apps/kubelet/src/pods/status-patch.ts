import type { Pod, PodCondition, PodStatus } from '@pilothouse/api';
import { deepEqual } from '@pilothouse/apimachinery';

/**
 * The strategic merge patch that takes the status from `before` to `after`, or undefined when nothing differs: what
 * others write at the same time stays. The uid makes a patch for a pod that was replaced by one of the same name fail.
 */
export function planStatusPatch(pod: Pod, before: PodStatus, after: PodStatus): object | undefined {
  const status: Record<string, unknown> = {};
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof PodStatus>;
  for (const field of fields) {
    if (sameField(before[field], after[field])) continue;
    if (after[field] === undefined) status[field] = null;
    else if (field === 'conditions')
      Object.assign(status, conditionsPatch(before.conditions ?? [], after.conditions ?? []));
    else if (field === 'podIPs') Object.assign(status, podIPsPatch(before.podIPs ?? [], after.podIPs ?? []));
    else if (field === 'hostIPs') status[field] = after.hostIPs;
    else status[field] = after[field];
  }
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid: pod.metadata.uid }, status };
}

/** Conditions merge by type: only those that changed are sent, with the order that the list should have. */
function conditionsPatch(before: readonly PodCondition[], after: readonly PodCondition[]): object {
  const changed = after.flatMap((condition): object[] => {
    const old = before.find(({ type }) => type === condition.type);
    if (!old) return [withoutNulls(condition)];
    if (sameField(old, condition)) return [];
    const removed = Object.keys(withoutNulls(old)).filter((field) => condition[field as keyof PodCondition] == null);
    return [{ ...withoutNulls(condition), ...Object.fromEntries(removed.map((field) => [field, null])) }];
  });
  const removed = before
    .filter(({ type }) => !after.some((condition) => condition.type === type))
    .map(({ type }) => ({ $patch: 'delete', type }));
  return { '$setElementOrder/conditions': after.map(({ type }) => ({ type })), conditions: [...changed, ...removed] };
}

function podIPsPatch(before: readonly { ip: string }[], after: readonly { ip: string }[]): object {
  const removed = before
    .filter(({ ip }) => !after.some((item) => item.ip === ip))
    .map(({ ip }) => ({ $patch: 'delete', ip }));
  return { '$setElementOrder/podIPs': after, podIPs: [...after, ...removed] };
}

function withoutNulls(condition: PodCondition): object {
  return Object.fromEntries(Object.entries(condition).filter(([, value]) => value !== null && value !== undefined));
}

/** A null, an absent field and an empty object or list say the same. */
function sameField(a: unknown, b: unknown): boolean {
  return deepEqual(normalized(a), normalized(b));
}

function normalized(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => normalized(item));
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .map(([key, item]): [string, unknown] => [key, normalized(item)])
    .filter(([, item]) => item !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
