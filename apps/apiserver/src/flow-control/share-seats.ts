import type { PriorityLevelConfigurationSpec } from '@pilothouse/api';

/** Seats that a priority level has by its shares, the fewest that lending leaves it, the most that borrowing gives it. */
export interface SeatLimits {
  readonly nominal: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Divides the server's seats among priority levels by their shares.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#priority-levels
 */
export function nominalLimits(
  totalSeats: number,
  specs: ReadonlyMap<string, PriorityLevelConfigurationSpec>,
): Map<string, SeatLimits> {
  const shareOf = ({ limited, exempt }: PriorityLevelConfigurationSpec) =>
    limited?.nominalConcurrencyShares ?? exempt?.nominalConcurrencyShares ?? 0;
  let shares = 0;
  for (const spec of specs.values()) shares += shareOf(spec);
  return new Map(
    [...specs].map(([name, spec]) => {
      const nominal = shares === 0 ? 0 : Math.ceil((totalSeats * shareOf(spec)) / shares);
      const lendable = spec.limited?.lendablePercent ?? spec.exempt?.lendablePercent ?? 0;
      const lower = nominal - Math.round((nominal * lendable) / 100);
      const borrowing = spec.limited?.borrowingLimitPercent;
      const upper =
        borrowing === undefined || borrowing === null ? totalSeats : nominal + Math.round((nominal * borrowing) / 100);
      return [name, { nominal, lower, upper: Math.max(upper, lower) }];
    }),
  );
}

export interface Claim {
  readonly target: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Gives each claim the same multiple of its target, within its bounds, so that all together are `sum`; returns what each
 * gets, and the multiple. When the bounds do not allow the sum, everyone stands at the bound that comes nearest.
 */
export function allocate(sum: number, claims: readonly Claim[]): { seats: number[]; fairFraction: number } {
  const at = (fraction: number) =>
    claims.map(({ target, lower, upper }) => clamp(fraction * Math.max(target, LEAST_TARGET), lower, upper));
  const total = (fraction: number) => at(fraction).reduce((all, each) => all + each, 0);
  // The total grows piecewise linearly with the fraction; it bends where a claim leaves its lower or reaches its upper bound.
  const bends = claims
    .flatMap(({ target, lower, upper }) => [lower, upper].map((bound) => bound / Math.max(target, LEAST_TARGET)))
    .sort((a, b) => a - b);
  let low = 0;
  for (const high of bends) {
    const reached = total(high);
    if (reached >= sum) {
      const before = total(low);
      const fairFraction =
        reached === before ? low : low + ((high - low) * Math.max(0, sum - before)) / (reached - before);
      return { seats: at(fairFraction), fairFraction };
    }
    low = high;
  }
  return { seats: at(low), fairFraction: low };
}

/** A level that wants nothing still takes part in the division. */
const LEAST_TARGET = 0.001;

/** A level's demand lingers: it falls by 2.3 % of the difference with every period. Upstream's figure. */
const SMOOTHING = 0.977;

export function smoothedDemand(before: number, { average, deviation }: { average: number; deviation: number }): number {
  const envelope = average + deviation;
  return envelope > before ? envelope : SMOOTHING * before + (1 - SMOOTHING) * envelope;
}

export interface LevelDemand extends SeatLimits {
  readonly exempt: boolean;
  readonly highest: number;
  readonly smoothed: number;
}

export interface CurrentSeats {
  /** Whole seats, of each level in order. */
  readonly current: readonly number[];
  readonly target: readonly number[];
  readonly fairFraction: number;
}

/**
 * Lends seats that are not wanted to levels that want more than their nominal ones. What exempt levels use is taken from
 * what there is to divide.
 */
export function planCurrentSeats(levels: readonly LevelDemand[]): CurrentSeats {
  // At hand are all nominal seats; exempt traffic is not held back, so it takes what it took.
  let remaining = levels.reduce((sum, { nominal }) => sum + nominal, 0);
  const claims = levels.map(({ exempt, nominal, lower, upper, highest, smoothed }) => {
    if (exempt) {
      remaining -= Math.max(lower, smoothed);
      return undefined;
    }
    const least = Math.max(lower, Math.min(nominal, highest));
    return { target: Math.max(least, smoothed), lower: least, upper };
  });
  const limited = claims.filter((each) => each !== undefined);
  const sumOfLower = levels.reduce((sum, { exempt, lower }) => sum + (exempt ? 0 : lower), 0);
  const sumOfLeast = limited.reduce((sum, { lower }) => sum + lower, 0);
  const bounded =
    remaining < sumOfLeast
      ? levels
          .filter(({ exempt }) => !exempt)
          .map(({ lower }, i) => ({ target: limited[i]!.lower, lower, upper: Math.max(lower, limited[i]!.lower) }))
      : limited;
  const { seats, fairFraction } = allocate(Math.max(remaining, sumOfLower), bounded);
  let next = 0;
  const current = levels.map(({ exempt, nominal, lower, smoothed }) =>
    exempt ? Math.max(nominal, Math.round(Math.max(lower, smoothed))) : Math.round(seats[next++]!),
  );
  const target = levels.map(({ smoothed }, i) => claims[i]?.target ?? smoothed);
  return { current, target, fairFraction };
}

function clamp(value: number, lower: number, upper: number): number {
  return Math.max(lower, Math.min(upper, value));
}
