import type { PodInfo } from '../cache/pod-info.ts';
import type { HttpExtender } from '../extenders/http-extender.ts';
import type { FrameworkHandle } from '../framework/handle.ts';
import { byImportance } from './importance.ts';
import type { Candidate } from './select-victims.ts';

/**
 * Asks extenders which of the candidates may be used, and at the cost of which pods: each about what those before it
 * left. Throws when one that may not be ignored fails. Upstream: Evaluator.callExtenders.
 */
export async function judgeCandidates(
  extenders: readonly HttpExtender[],
  preemptor: PodInfo,
  candidates: readonly Candidate[],
  { snapshot, logger }: Pick<FrameworkHandle, 'snapshot' | 'logger'>,
): Promise<readonly Candidate[]> {
  let left = candidates;
  for (const extender of extenders) {
    if (left.length === 0) break;
    try {
      const verdicts = await extender.preempt(preemptor.pod, left);
      left = verdicts.map(({ nodeName, uids, budgetViolations }): Candidate => {
        const victims = uids.map((uid) => {
          const victim = snapshot.get(nodeName)?.pods.get(uid);
          if (victim) return victim;
          throw new Error(
            `extender: ${extender.name} claims to preempt pod (UID: ${uid}) on node: ${nodeName}, but the pod is not found on that node`,
          );
        });
        if (victims.length === 0) throw new Error(`expected at least one victim pod on node "${nodeName}"`);
        return { nodeName, victims: victims.sort(byImportance), budgetViolations };
      });
    } catch (error) {
      if (!extender.isIgnorable) throw error;
      logger.info(
        { extender: extender.name, err: error },
        'Skipped extender as it returned error and has ignorable flag set',
      );
    }
  }
  return left;
}
