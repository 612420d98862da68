import { fieldPath, type Strategy } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';
import { keepStored } from '../keep-stored.ts';
import { ipWarnings } from '../validation/ip-warnings.ts';
import { validatePodStatusUpdate } from './validate-pod-status.ts';

/** `pods/status`: what the kubelet and the scheduler report. */
export const podStatusStrategy: Partial<Strategy> = {
  prepareForUpdate: (pod: Pod, old: Pod) => {
    keepStored(pod, old, 'spec');
    keepStored(pod.metadata, old.metadata, 'ownerReferences', 'deletionTimestamp');
    const status = (pod.status ??= {});
    const was = old.status ?? {};
    if (!status.qosClass) keepStored(status, was, 'qosClass');
    if (!status.observedGeneration) keepStored(status, was, 'observedGeneration');
    keepConditionGenerations(pod, old);
  },
  validateUpdate: validatePodStatusUpdate,
  warnings: ({ status }: Pod) =>
    (['podIPs', 'hostIPs'] as const).flatMap((list) =>
      (status?.[list] ?? []).flatMap(({ ip = '' }, i) =>
        ipWarnings(ip, fieldPath('status', list).index(i).child('ip')),
      ),
    ),
};

/** A client that does not know the field may not erase it. Conditions of one type are matched in order. */
function keepConditionGenerations(pod: Pod, old: Pod): void {
  const seen = new Map<string, number>();
  for (const condition of pod.status?.conditions ?? []) {
    const nth = seen.get(condition.type) ?? 0;
    seen.set(condition.type, nth + 1);
    if (condition.observedGeneration) continue;
    const was = old.status?.conditions?.filter((each) => each.type === condition.type)[nth]?.observedGeneration;
    if (was) condition.observedGeneration = was;
  }
}
