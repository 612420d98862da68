import type {
  Device,
  DeviceRequestAllocationResult,
  DeviceTaint,
  DeviceTaintRule,
  DeviceToleration,
  Pod,
  ResourceClaim,
} from '@pilothouse/api';
import { claimNamesOf } from '../resourceclaim/claims-of-pod.ts';

/** Where a device is: its driver, the driver's pool, and its name there. */
export type DevicePlace = Pick<DeviceRequestAllocationResult, 'driver' | 'pool' | 'device'>;

/** That pods have to go because of devices, since when they have to, and which rules, by uid, had a part in it. */
export interface DeviceEviction {
  readonly atMs: number;
  readonly rules: ReadonlySet<string>;
}

/** A rule without selector selects nothing, an empty one every device. */
export function ruleMatches({ spec: { deviceSelector } }: DeviceTaintRule, place: DevicePlace): boolean {
  if (!deviceSelector) return false;
  const { driver, pool, device } = deviceSelector;
  return [
    [driver, place.driver],
    [pool, place.pool],
    [device, place.device],
  ].every(([wanted, is]) => wanted === undefined || wanted === is);
}

/**
 * When the users of a claim have to go: as soon as one of its devices has a NoExecute taint, from its slice or from a
 * rule, that the claim does not tolerate, or no longer. Pure. Upstream: claimEvictionTime.
 */
export function claimEviction(
  claim: ResourceClaim,
  deviceAt: (place: DevicePlace) => Device | undefined,
  rules: readonly DeviceTaintRule[],
): DeviceEviction | undefined {
  const evictions = (claim.status?.allocation?.devices?.results ?? []).flatMap((result) => [
    ...(deviceAt(result)?.taints ?? []).map((taint) => evictionBy(taint, undefined, result)),
    ...rules
      .filter((rule) => ruleMatches(rule, result))
      .map((rule) => evictionBy(rule.spec.taint, rule.metadata.uid, result)),
  ]);
  return earliest(evictions);
}

/** The same for a pod that runs: of all claims that it uses and that are reserved for it. */
export function podEviction(
  pod: Pod,
  claimNamed: (name: string) => ResourceClaim | undefined,
  evictionOf: (claim: ResourceClaim) => DeviceEviction | undefined,
): DeviceEviction | undefined {
  if (!pod.spec.nodeName) return undefined;
  const claims = claimNamesOf(pod)
    .map(claimNamed)
    .filter((claim) => claim?.status?.reservedFor?.some(({ uid }) => uid === pod.metadata.uid));
  return earliest(claims.map((claim) => evictionOf(claim!)));
}

function evictionBy(
  taint: DeviceTaint,
  rule: string | undefined,
  { tolerations = [] }: DeviceRequestAllocationResult,
): DeviceEviction | undefined {
  if (taint.effect !== 'NoExecute' || !taint.timeAdded) return undefined;
  const fitting = tolerations.filter((toleration) => tolerates(toleration, taint));
  if (fitting.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return undefined;
  const seconds = fitting.map(({ tolerationSeconds = 0 }) => Math.max(0, Number(tolerationSeconds)));
  const atMs = Date.parse(taint.timeAdded) + (seconds.length > 0 ? Math.min(...seconds) * 1000 : 0);
  return { atMs, rules: new Set(rule === undefined ? [] : [rule]) };
}

/** Here, unlike in the scheduler, a toleration has to name the effect. */
function tolerates({ key, operator, value, effect }: DeviceToleration, taint: DeviceTaint): boolean {
  if (effect !== 'NoExecute' || (key && key !== taint.key)) return false;
  return operator === 'Exists' || (value ?? '') === (taint.value ?? '');
}

function earliest(evictions: readonly (DeviceEviction | undefined)[]): DeviceEviction | undefined {
  const found = evictions.filter((each) => each !== undefined);
  if (found.length === 0) return undefined;
  return {
    atMs: Math.min(...found.map(({ atMs }) => atMs)),
    rules: new Set(found.flatMap(({ rules }) => [...rules])),
  };
}
