import type { Toleration } from '@pilothouse/api';
import { deepEqual } from '@pilothouse/apimachinery';

/** Both lists without what another of them tolerates anyway; of equal ones the first stays. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  all.forEach((each, i) => {
    if (merged.some((kept) => covers(kept, each))) return;
    if (all.slice(i + 1).some((later) => !deepEqual(each, later) && covers(later, each))) return;
    merged.push(each);
  });
  return merged;
}

/** Whether each of these is tolerated by one that is allowed. */
export function areAllowed(tolerations: readonly Toleration[], allowed: readonly Toleration[]): boolean {
  return tolerations.every((each) => allowed.some((wider) => covers(wider, each)));
}

/** Whether everything that `each` tolerates is tolerated by `wider` too. */
function covers(wider: Toleration, each: Toleration): boolean {
  if (deepEqual(wider, each)) return true;
  const operator = wider.operator || 'Equal';
  // Without a key, `Exists` is of every key, and without an effect, a toleration is of every effect.
  if ((wider.key ?? '') !== (each.key ?? '') && (wider.key || operator !== 'Exists')) return false;
  if (wider.effect && wider.effect !== each.effect) return false;
  if (wider.effect === 'NoExecute' && wider.tolerationSeconds !== undefined) {
    if (each.tolerationSeconds === undefined || each.tolerationSeconds > wider.tolerationSeconds) return false;
  }
  if (operator === 'Exists') return true;
  return (each.operator || 'Equal') === operator && (each.value ?? '') === (wider.value ?? '');
}
