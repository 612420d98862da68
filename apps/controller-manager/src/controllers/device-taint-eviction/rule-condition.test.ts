import { expect, it } from 'vitest';
import type { DeviceTaintRule } from '@pilothouse/api';
import { ruleCondition, type RuleReach } from './rule-condition.ts';

const NOTHING: RuleReach = {
  pendingPods: 0,
  pendingNamespaces: 0,
  publishedDevices: 0,
  allocatedDevices: 0,
  evictedPods: 0,
};

it.each<[string, Partial<RuleReach>, object]>([
  ['NoExecute', {}, { status: 'False', reason: 'NotStarted', message: '' }],
  [
    'NoExecute',
    { pendingPods: 1, pendingNamespaces: 1 },
    { status: 'True', reason: 'PodsPendingEviction', message: '1 pod needs to be evicted in 1 namespace.' },
  ],
  [
    'NoExecute',
    { pendingPods: 3, pendingNamespaces: 2, evictedPods: 1 },
    {
      status: 'True',
      reason: 'PodsPendingEviction',
      message: '3 pods need to be evicted in 2 different namespaces. 1 pod evicted since starting the controller.',
    },
  ],
  [
    'NoExecute',
    { evictedPods: 2 },
    { status: 'False', reason: 'Completed', message: '2 pods evicted since starting the controller.' },
  ],
  [
    'NoSchedule',
    {},
    { status: 'False', reason: 'OtherEffect', message: 'Eviction only happens for the NoExecute effect.' },
  ],
  [
    'None',
    { publishedDevices: 1, allocatedDevices: 2, pendingPods: 2, pendingNamespaces: 1 },
    {
      status: 'False',
      reason: 'NoEffect',
      message:
        '1 published device selected. 2 allocated devices selected. 2 pods would be evicted in 1 namespace if the effect was NoExecute. This information will not be updated again. Recreate the DeviceTaintRule to trigger an update.',
    },
  ],
])('a rule with effect %s and reach %j says so', (effect, reach, expected) => {
  const rule = { metadata: { generation: 3 }, spec: { taint: { key: 'k', effect } } } as unknown as DeviceTaintRule;
  expect(ruleCondition(rule, { ...NOTHING, ...reach })).toEqual({
    type: 'EvictionInProgress',
    observedGeneration: 3,
    ...expected,
  });
});
