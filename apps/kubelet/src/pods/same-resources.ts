import type { ResourceRequirements } from '@pilothouse/api';
import { amountOf } from './field-ref.ts';

/** Whether two sets of requests and limits mean the same amounts: `500m` is `0.5`. */
export function sameResources(a: ResourceRequirements = {}, b: ResourceRequirements = {}): boolean {
  return a === b || (sameAmounts(a.requests, b.requests) && sameAmounts(a.limits, b.limits));
}

/** The resources whose request or limit differs. */
export function changedResources(a: ResourceRequirements = {}, b: ResourceRequirements = {}): string[] {
  const names = new Set([a.requests, a.limits, b.requests, b.limits].flatMap((list) => Object.keys(list ?? {})));
  return [...names].filter(
    (name) => !sameAmount(a.requests?.[name], b.requests?.[name]) || !sameAmount(a.limits?.[name], b.limits?.[name]),
  );
}

type Amounts = Readonly<Record<string, string>>;

function sameAmounts(a: Amounts = {}, b: Amounts = {}): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => sameAmount(a[name], b[name]));
}

function sameAmount(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && amountOf(a) === amountOf(b));
}
