import { MAX_NODE_SCORE } from '../framework/plugin.ts';
import type { Allocation } from './resource-allocation.ts';

/** Scores one node from what would be requested of it; 0 to 100. All arithmetic is on integers, as upstream's. */
export type ScoringStrategy = (allocations: readonly Allocation[]) => number;

/** The emptier the node stays, the better: spreads. */
export const leastAllocated: ScoringStrategy = (allocations) =>
  weightedMean(allocations, ({ requested, allocatable }) =>
    requested > allocatable ? 0 : Math.trunc(((allocatable - requested) * MAX_NODE_SCORE) / allocatable),
  );

/** The fuller the node gets, the better: packs. */
export const mostAllocated: ScoringStrategy = (allocations) =>
  weightedMean(allocations, ({ requested, allocatable }) =>
    Math.trunc((Math.min(requested, allocatable) * MAX_NODE_SCORE) / allocatable),
  );

/** A point of a shape: at this utilization (percent) this score. */
export interface ShapePoint {
  readonly utilization: number;
  /** 0 to 10, as configured. */
  readonly score: number;
}

/** As good as the configured curve says at the node's utilization. */
export function requestedToCapacityRatio(shape: readonly ShapePoint[]): ScoringStrategy {
  const curve = piecewiseLinear(shape.map(({ utilization, score }) => [utilization, score * (MAX_NODE_SCORE / 10)]));
  return (allocations) => {
    let [sum, weights] = [0, 0];
    for (const { requested, allocatable, weight } of allocations) {
      const score = requested > allocatable ? curve(100) : curve(Math.trunc((requested * 100) / allocatable));
      // A resource that scores nothing does not pull the others down.
      if (score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : Math.round(sum / weights);
  };
}

function weightedMean(allocations: readonly Allocation[], scoreOf: (allocation: Allocation) => number): number {
  let [sum, weights] = [0, 0];
  for (const allocation of allocations) {
    sum += scoreOf(allocation) * allocation.weight;
    weights += allocation.weight;
  }
  return weights === 0 ? 0 : Math.trunc(sum / weights);
}

function piecewiseLinear(points: readonly (readonly [number, number])[]): (x: number) => number {
  return (x) => {
    for (let i = 0; i < points.length; i++) {
      const [right, rightValue] = points[i]!;
      if (x > right) continue;
      if (i === 0) return rightValue;
      const [left, leftValue] = points[i - 1]!;
      return leftValue + Math.trunc(((rightValue - leftValue) * (x - left)) / (right - left));
    }
    return points.at(-1)?.[1] ?? 0;
  };
}
