import type { Pod, PodCondition, PodStatus } from '@pilothouse/api';

/**
 * The strategic merge patch that takes the status from `before` to `after`, or undefined when nothing differs: what
 * others write at the same time stays. The uid makes a patch for a pod that was replaced by one of the same name fail.
 */
export function planStatusPatch(pod: Pod, before: PodStatus, after: PodStatus): object | undefined {
  const fields = changedFields(before, after);
  if (fields.length === 0) return undefined;
  const status: Record<string, unknown> = {};
  for (const field of fields) {
    if (after[field] === undefined) status[field] = null;
    else if (field === 'conditions')
      Object.assign(status, conditionsPatch(before.conditions ?? [], after.conditions ?? []));
    else if (field === 'podIPs') Object.assign(status, podIPsPatch(before.podIPs ?? [], after.podIPs ?? []));
    else if (field === 'hostIPs') status[field] = after.hostIPs;
    else status[field] = after[field];
  }
  return { metadata: { uid: pod.metadata.uid }, status };
}

function changedFields(before: PodStatus, after: PodStatus): (keyof PodStatus)[] {
  const changed: (keyof PodStatus)[] = [];
  for (const key in after) {
    const field = key as keyof PodStatus;
    if (!sameField(before[field], after[field])) changed.push(field);
  }
  for (const key in before) {
    const field = key as keyof PodStatus;
    if (after[field] === undefined && !isEmpty(before[field])) changed.push(field);
  }
  return changed;
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

/**
 * A null, an absent field and an empty object or list say the same. Compares in place: this runs for every look at
 * every pod, nearly always to find that nothing differs.
 */
function sameField(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => sameField(item, b[index]))
    );
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in left) if (!sameField(left[key], right[key])) return false;
  for (const key in right) if (left[key] === undefined && !isEmpty(right[key])) return false;
  return true;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const key in value) if (!isEmpty((value as Record<string, unknown>)[key])) return false;
  return true;
}
