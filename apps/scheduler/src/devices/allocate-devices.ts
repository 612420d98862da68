import type { DeviceTaint, DeviceToleration, ResourceClaim } from '@pilothouse/api';
import { consumedCapacity } from './consumed-capacity.ts';
import { satisfiesConstraints } from './device-constraints.ts';
import type { ChosenDevice } from './device-constraints.ts';
import type { DevicePool, PooledDevice } from './device-pools.ts';
import type { PlannedRequest, RequestAlternative } from './device-requests.ts';
import { matchesSelectors } from './device-selector.ts';
import type { DeviceUsage } from './device-usage.ts';

export interface ClaimToAllocate {
  readonly claim: ResourceClaim;
  readonly requests: readonly PlannedRequest[];
}

export interface AllocatedDevice extends ChosenDevice {
  readonly alternative: RequestAlternative;
  /** Set for a device that others may have a share of as well. */
  readonly consumed?: Readonly<Record<string, string>>;
}

/** Upstream's limit on the devices of one claim. */
const MOST_RESULTS = 32;
/** So many devices are looked at before the search gives up: it is exponential in the worst case. */
const MOST_STEPS = 100_000;

/** So often the clock is looked at: that costs more than a step. */
const STEPS_PER_LOOK = 100;

interface Candidate {
  readonly pool: DevicePool;
  readonly device: PooledDevice;
}

/** The search has taken too many steps. */
class GivenUp extends Error {}

/** The search has taken too long: nobody knows whether there was a choice. */
export class AllocationTimeout extends Error {}

/**
 * Chooses devices for all claims at once, by depth-first search in the order of the requests, alternatives, pools and
 * devices, as upstream's structured allocator: the first complete choice wins. Undefined where there is none. `usage`
 * is left as it was. Throws AllocationTimeout once `isOverdue`.
 */
export function allocateDevices(
  claims: readonly ClaimToAllocate[],
  pools: readonly DevicePool[],
  usage: DeviceUsage,
  isOverdue: () => boolean = () => false,
): readonly (readonly AllocatedDevice[])[] | undefined {
  const search = new Search(claims, pools, usage.copy(), isOverdue);
  try {
    return search.claim(0) ? search.chosen : undefined;
  } catch (error) {
    if (error instanceof GivenUp) return undefined;
    throw error;
  }
}

class Search {
  readonly chosen: AllocatedDevice[][];
  readonly #claims: readonly ClaimToAllocate[];
  readonly #pools: readonly DevicePool[];
  readonly #usage: DeviceUsage;
  readonly #isOverdue: () => boolean;
  readonly #matching = new Map<RequestAlternative, Candidate[] | undefined>();
  #steps = 0;

  constructor(
    claims: readonly ClaimToAllocate[],
    pools: readonly DevicePool[],
    usage: DeviceUsage,
    isOverdue: () => boolean,
  ) {
    this.#claims = claims;
    this.#pools = pools;
    this.#usage = usage;
    this.#isOverdue = isOverdue;
    this.chosen = claims.map(() => []);
  }

  claim(index: number): boolean {
    return index === this.#claims.length || this.#request(index, 0);
  }

  #request(claim: number, request: number): boolean {
    const planned = this.#claims[claim]!.requests[request];
    if (!planned) return this.claim(claim + 1);
    return planned.alternatives.some((alternative) => {
      const candidates = this.#candidates(alternative);
      if (!candidates) return false;
      const next = (): boolean => this.#request(claim, request + 1);
      if (alternative.mode === 'All')
        return candidates.length > 0 && this.#every(claim, alternative, candidates, 0, next);
      return this.#some(claim, alternative, candidates, 0, alternative.count, next);
    });
  }

  /** All devices that match, or none. */
  #every(
    claim: number,
    alternative: RequestAlternative,
    candidates: readonly Candidate[],
    at: number,
    next: () => boolean,
  ): boolean {
    if (at === candidates.length) return next();
    return this.#with(claim, alternative, candidates[at]!, () =>
      this.#every(claim, alternative, candidates, at + 1, next),
    );
  }

  /** So many of those that match, from the one at `from` on. */
  #some(
    claim: number,
    alternative: RequestAlternative,
    candidates: readonly Candidate[],
    from: number,
    left: number,
    next: () => boolean,
  ): boolean {
    if (left === 0) return next();
    for (let at = from; at < candidates.length; at++) {
      const rest = (): boolean => this.#some(claim, alternative, candidates, at + 1, left - 1, next);
      if (this.#with(claim, alternative, candidates[at]!, rest)) return true;
    }
    return false;
  }

  /** Tries to go on with the device taken, and puts it back where that leads nowhere. */
  #with(claim: number, alternative: RequestAlternative, { pool, device }: Candidate, rest: () => boolean): boolean {
    if (++this.#steps > MOST_STEPS) throw new GivenUp();
    if (this.#steps % STEPS_PER_LOOK === 0 && this.#isOverdue()) throw new AllocationTimeout();
    const chosen = this.chosen[claim]!;
    const { constraints = [] } = this.#claims[claim]!.claim.spec.devices;
    const isShareable = device.device.allowMultipleAllocations === true;
    const consumed = isShareable ? consumedCapacity(device.device, alternative.capacity) : undefined;
    const next = { request: alternative.name, device, alternative, ...(consumed ? { consumed } : {}) };
    if (chosen.length >= MOST_RESULTS || (isShareable && !consumed)) return false;
    if (!satisfiesConstraints(constraints, chosen, next)) return false;
    if (!alternative.adminAccess && !this.#isFree(pool, device, consumed)) return false;
    chosen.push(next);
    this.#take(next);
    if (rest()) return true;
    chosen.pop();
    this.#giveBack(next);
    return false;
  }

  #isFree(pool: DevicePool, device: PooledDevice, consumed: AllocatedDevice['consumed']): boolean {
    const { id } = device;
    if (this.#usage.isTaken(id)) return false;
    if (consumed && !this.#usage.hasCapacity(id, device.device, consumed)) return false;
    return this.#usage.isShared(id) || this.#usage.hasCounters(pool, device);
  }

  #take({ device, alternative, consumed }: AllocatedDevice): void {
    if (alternative.adminAccess) return;
    if (consumed) this.#usage.consume(device.id, consumed);
    else this.#usage.take(device.id);
  }

  #giveBack({ device, alternative, consumed }: AllocatedDevice): void {
    if (alternative.adminAccess) return;
    if (consumed) this.#usage.release(device.id, consumed);
    else this.#usage.giveBack(device.id);
  }

  /** The devices of this node that an alternative may use; undefined where it asks for all of a pool that is changing. */
  #candidates(alternative: RequestAlternative): readonly Candidate[] | undefined {
    if (!this.#matching.has(alternative)) this.#matching.set(alternative, this.#match(alternative));
    return this.#matching.get(alternative);
  }

  #match(alternative: RequestAlternative): Candidate[] | undefined {
    const matching: Candidate[] = [];
    for (const pool of this.#pools) {
      if (!pool.complete) {
        if (alternative.mode === 'All') return undefined;
        continue;
      }
      for (const device of pool.devices) {
        if (!matchesSelectors(device.value, alternative.selectors)) continue;
        const tolerated = (device.device.taints ?? []).every((taint) => isTolerated(taint, alternative.tolerations));
        if (tolerated) matching.push({ pool, device });
        else if (alternative.mode === 'All') return undefined;
      }
    }
    return matching;
  }
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-taints-and-tolerations */
function isTolerated({ key, value, effect }: DeviceTaint, tolerations: readonly DeviceToleration[]): boolean {
  if (effect !== 'NoSchedule' && effect !== 'NoExecute') return true;
  return tolerations.some(
    (toleration) =>
      (!toleration.effect || toleration.effect === effect) &&
      (!toleration.key || toleration.key === key) &&
      (toleration.operator === 'Exists' || (toleration.value ?? '') === (value ?? '')),
  );
}
