import { MAX_NODE_SCORE } from '../framework/plugin.ts';

/** Scales scores so that the largest becomes 100; `reverse` then makes the largest the worst. In place. */
export function normalizeToMax(scores: number[], reverse = false): void {
  let max = 0;
  for (const score of scores) if (score > max) max = score;
  for (let i = 0; i < scores.length; i++) {
    const scaled = max === 0 ? 0 : Math.trunc((MAX_NODE_SCORE * scores[i]!) / max);
    scores[i] = reverse ? MAX_NODE_SCORE - scaled : scaled;
  }
}
