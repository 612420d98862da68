import type { Condition, DeviceTaintRule } from '@pilothouse/api';

export const EVICTION_IN_PROGRESS = 'EvictionInProgress';

/** What is known of the effect of a rule, or of what it would be. */
export interface RuleReach {
  readonly pendingPods: number;
  readonly pendingNamespaces: number;
  readonly publishedDevices: number;
  readonly allocatedDevices: number;
  /** Pods evicted because of it since this controller started. */
  readonly evictedPods: number;
}

/** The condition that tells how far a rule's eviction has come. Pure; texts are upstream's. */
export function ruleCondition(
  { metadata, spec }: DeviceTaintRule,
  reach: RuleReach,
): Omit<Condition, 'lastTransitionTime'> {
  const { status, reason, message } = progressOf(spec.taint.effect, reach);
  const evicted = reach.evictedPods > 0 ? `${pods(reach.evictedPods)} evicted since starting the controller.` : '';
  return {
    type: EVICTION_IN_PROGRESS,
    status,
    observedGeneration: metadata.generation ?? 0,
    reason,
    message: [message, evicted].filter((part) => part !== '').join(' '),
  };
}

function progressOf(effect: string, reach: RuleReach): { status: string; reason: string; message: string } {
  const { pendingPods, pendingNamespaces, publishedDevices, allocatedDevices, evictedPods } = reach;
  const namespaces = pendingNamespaces === 1 ? '1 namespace' : `${pendingNamespaces} different namespaces`;
  if (effect === 'None') {
    const selected = `${devices(publishedDevices, 'published')} selected. ${devices(allocatedDevices, 'allocated')} selected.`;
    const rest =
      'if the effect was NoExecute. This information will not be updated again. Recreate the DeviceTaintRule to trigger an update.';
    const message = `${selected} ${pods(pendingPods)} would be evicted in ${namespaces} ${rest}`;
    return { status: 'False', reason: 'NoEffect', message };
  }
  if (effect !== 'NoExecute')
    return { status: 'False', reason: 'OtherEffect', message: 'Eviction only happens for the NoExecute effect.' };
  if (pendingPods === 0) return { status: 'False', reason: evictedPods > 0 ? 'Completed' : 'NotStarted', message: '' };
  const verb = pendingPods === 1 ? 'needs' : 'need';
  const message = `${pods(pendingPods)} ${verb} to be evicted in ${namespaces}.`;
  return { status: 'True', reason: 'PodsPendingEviction', message };
}

const pods = (count: number): string => (count === 1 ? '1 pod' : `${count} pods`);
const devices = (count: number, which: string): string => `${count} ${which} ${count === 1 ? 'device' : 'devices'}`;
