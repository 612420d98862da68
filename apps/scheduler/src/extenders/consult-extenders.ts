import type { Node, Pod } from '@pilothouse/api';
import type { Logger } from '@pilothouse/component';
import { MAX_NODE_SCORE } from '../framework/plugin.ts';
import { unresolvable, unschedulable, type Status } from '../framework/status.ts';
import { MAX_EXTENDER_SCORE, type HttpExtender } from './http-extender.ts';

/** What the extenders have to say about the nodes that fit a pod. */
export interface ExtenderOpinion {
  /** Names of the nodes that none of them refused. */
  readonly accepted: ReadonlySet<string>;
  readonly refused: ReadonlyMap<string, Status>;
  /** To be added to the plugins' scores, by node name. */
  readonly scores: ReadonlyMap<string, number>;
}

/**
 * Asks the extenders one after the other, each about what those before it left, then lets all score the rest. Throws
 * when one that may not be ignored fails; a failing score is always left out, as upstream.
 */
export async function consultExtenders(
  extenders: readonly HttpExtender[],
  pod: Pod,
  nodes: readonly Node[],
  logger: Logger,
): Promise<ExtenderOpinion> {
  const refused = new Map<string, Status>();
  const interested = extenders.filter((extender) => extender.isInterested(pod));
  let left = nodes;
  for (const extender of interested) {
    if (left.length === 0) break;
    try {
      const { nodeNames, failed, failedAndUnresolvable } = await extender.filter(pod, left);
      for (const [name, reason] of Object.entries(failed)) refused.set(name, unschedulable(reason));
      for (const [name, reason] of Object.entries(failedAndUnresolvable)) refused.set(name, unresolvable(reason));
      const kept = new Set(nodeNames);
      left = left.filter(({ metadata }) => kept.has(metadata.name!));
    } catch (error) {
      if (!extender.isIgnorable) throw error;
      logger.info(
        { extender: extender.name, err: error },
        'Skipping extender as it returned error and has ignorable flag set',
      );
    }
  }
  const accepted = new Set(left.map(({ metadata }) => metadata.name!));
  return { accepted, refused, scores: await scoresOf(interested, pod, left, logger) };
}

async function scoresOf(
  extenders: readonly HttpExtender[],
  pod: Pod,
  nodes: readonly Node[],
  logger: Logger,
): Promise<ReadonlyMap<string, number>> {
  const scores = new Map<string, number>();
  if (nodes.length < 2) return scores;
  const answers = await Promise.allSettled(extenders.map((extender) => extender.prioritize(pod, nodes)));
  answers.forEach((answer, index) => {
    const { weight, name: extender } = extenders[index]!;
    if (answer.status === 'rejected') {
      logger.info({ extender, err: answer.reason as unknown }, 'Failed to run extender priority function');
      return;
    }
    const factor = (weight * MAX_NODE_SCORE) / MAX_EXTENDER_SCORE;
    for (const [name, score] of answer.value) scores.set(name, (scores.get(name) ?? 0) + score * factor);
  });
  return scores;
}
