import { createHash } from 'node:crypto';

/**
 * Deals a flow its hand: the few queues, out of many, that its requests may wait in. Two flows that differ seldom have
 * the same hand, so a flow that fills its queues leaves nearly every other one at least one that is free.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#queuing
 */
export function dealHand(flow: string, deckSize: number, handSize: number): readonly number[] {
  let entropy = createHash('sha256').update(flow).digest().readBigUInt64BE();
  // Cards are counted among those that are left, and moved up past the ones that were dealt before.
  const dealt: number[] = [];
  for (let left = deckSize; dealt.length < Math.min(handSize, deckSize); left--) {
    let card = Number(entropy % BigInt(left));
    entropy /= BigInt(left);
    for (const other of [...dealt].sort((a, b) => a - b)) if (card >= other) card++;
    dealt.push(card);
  }
  return dealt;
}
