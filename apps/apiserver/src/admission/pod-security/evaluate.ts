import type { Pod } from '@pilothouse/api';
import { baselineChecks } from './baseline-checks.ts';
import type { PodSecurityCheck, Violation } from './check.ts';
import { printPolicy, type Level, type Policy } from './policy.ts';
import { restrictedChecks } from './restricted-checks.ts';

/** Restricted has all of baseline, but for what it sharpens itself. */
function checksOf(level: Level): readonly PodSecurityCheck[] {
  if (level === 'privileged') return [];
  if (level === 'baseline') return baselineChecks;
  const replaced = new Set(restrictedChecks.map(({ replaces }) => replaces));
  return [...baselineChecks.filter(({ id }) => !replaced.has(id)), ...restrictedChecks].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );
}

/** What the pod breaks of a level's requirements, in the order in which upstream reports it. */
export function violationsOf(
  { spec, metadata }: Pick<Pod, 'spec'> & Partial<Pick<Pod, 'metadata'>>,
  { level }: Policy,
): Violation[] {
  if (spec === undefined) return [];
  return checksOf(level).flatMap((each) => each.check(spec, metadata ?? {}) ?? []);
}

/** `PodSecurity "restricted:latest": a (…), b (…)` */
export function describeViolations(policy: Policy, violations: readonly Violation[]): string {
  const list = violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
  return `PodSecurity ${JSON.stringify(printPolicy(policy))}: ${list}`;
}
