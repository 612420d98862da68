import type { ScopedResourceSelectorRequirement } from '@pilothouse/api';
import type { Amounts } from './amounts.ts';

/** A write as quotas see it. Of subresources they are asked about `resize` alone. */
export interface ChargedWrite {
  readonly operation: string;
  readonly subresource: string;
  readonly object?: unknown;
  readonly oldObject?: unknown;
}

/** How one resource counts against quotas. Pure. Upstream: quota.Evaluator. */
export interface QuotaEvaluator {
  readonly group: string;
  readonly resource: string;
  /** Whether a write is charged: quotas are asked about no others. */
  charges(write: ChargedWrite): boolean;
  /** The names among these that this resource counts against. */
  matching(names: readonly string[]): readonly string[];
  /** What one object uses. `now` decides whether a pod that is being deleted still counts. */
  // oxlint-disable-next-line typescript/no-explicit-any -- an evaluator knows its own kind
  usage(object: any, now: Date): Amounts;
  /** Whether an object is in a scope; absent where quotas with scopes never count the resource. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  inScope?(object: any, scope: ScopedResourceSelectorRequirement): boolean;
  /** What the object fails to say though a quota needs it: `must specify cpu for: web`. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  problem?(object: any, names: readonly string[]): string | undefined;
}

/** `count/deployments.apps`, `count/pods` */
export function objectCountName(group: string, resource: string): string {
  return group === '' ? `count/${resource}` : `count/${resource}.${group}`;
}
