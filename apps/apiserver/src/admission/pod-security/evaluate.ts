import { KUBERNETES_VERSION } from '@pilothouse/component';
import type { Pod } from '@pilothouse/api';
import { baselineChecks } from './baseline-checks.ts';
import type { PodSecurityCheck, Violation } from './check.ts';
import { printPolicy, type Policy } from './policy.ts';
import { restrictedChecks } from './restricted-checks.ts';

const known = new Map<string, readonly PodSecurityCheck[]>();

/** Restricted has all of baseline, but for what it sharpens itself; each as the version understands it. */
function checksOf({ level, version }: Policy): readonly PodSecurityCheck[] {
  if (level === 'privileged') return [];
  const minor = minorOf(version);
  const key = `${level}:${minor}`;
  let checks = known.get(key);
  if (checks === undefined) {
    const baseline = asOf(baselineChecks, minor);
    checks = level === 'baseline' ? baseline : restrictedFrom(baseline, asOf(restrictedChecks, minor));
    known.set(key, checks);
  }
  return checks;
}

/** `v1.24` → 24. What is newer than this server is understood as the newest that it knows. */
function minorOf(version: string): number {
  const newest = Number(KUBERNETES_VERSION.minor);
  const [, minor] = /^v1\.(\d+)$/.exec(version) ?? [];
  return minor === undefined ? newest : Math.min(Number(minor), newest);
}

function asOf(checks: readonly PodSecurityCheck[], minor: number): readonly PodSecurityCheck[] {
  const newest = new Map<string, PodSecurityCheck>();
  for (const check of checks) {
    const { id, since = 0 } = check;
    if (since <= minor && since >= (newest.get(id)?.since ?? 0)) newest.set(id, check);
  }
  return [...newest.values()].sort(byId);
}

function restrictedFrom(
  baseline: readonly PodSecurityCheck[],
  restricted: readonly PodSecurityCheck[],
): readonly PodSecurityCheck[] {
  const replaced = new Set(restricted.map(({ replaces }) => replaces));
  return [...baseline.filter(({ id }) => !replaced.has(id)), ...restricted].sort(byId);
}

function byId(a: PodSecurityCheck, b: PodSecurityCheck): number {
  return a.id < b.id ? -1 : 1;
}

/** What the pod breaks of a level's requirements, in the order in which upstream reports it. */
export function violationsOf(
  { spec, metadata }: Pick<Pod, 'spec'> & Partial<Pick<Pod, 'metadata'>>,
  policy: Policy,
): Violation[] {
  if (spec === undefined) return [];
  return checksOf(policy).flatMap((each) => each.check(spec, metadata ?? {}) ?? []);
}

/** `PodSecurity "restricted:latest": a (…), b (…)` */
export function describeViolations(policy: Policy, violations: readonly Violation[]): string {
  const list = violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
  return `PodSecurity ${JSON.stringify(printPolicy(policy))}: ${list}`;
}
