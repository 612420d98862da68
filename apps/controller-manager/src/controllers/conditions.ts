/** What conditions of all kinds share. */
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string | null;
}

/** `2026-01-02T03:04:05Z`, as times stand in objects. */
export function formatTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

export function findCondition<C extends Condition>(
  conditions: readonly C[] | undefined | null,
  type: string,
): C | undefined {
  return conditions?.find((each) => each.type === type);
}

/**
 * The list with `condition` put in the place of its predecessor, or at the end. The transition time of the predecessor
 * is kept while the status stays; with equal status and reason the list comes back unchanged.
 */
export function setCondition<C extends Condition>(conditions: readonly C[] | undefined | null, condition: C): C[] {
  const list = [...(conditions ?? [])];
  const current = findCondition(list, condition.type);
  if (current && current.status === condition.status && current.reason === condition.reason) return list;
  const next =
    current?.status === condition.status && current.lastTransitionTime
      ? { ...condition, lastTransitionTime: current.lastTransitionTime }
      : condition;
  return [...list.filter((each) => each.type !== condition.type), next];
}

export function removeCondition<C extends Condition>(conditions: readonly C[] | undefined | null, type: string): C[] {
  return (conditions ?? []).filter((each) => each.type !== type);
}
