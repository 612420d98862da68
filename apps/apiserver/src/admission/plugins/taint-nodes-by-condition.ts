import type { Node } from '@pilothouse/api';
import type { AdmissionPlugin } from '../chain.ts';

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** A new node gets no pods before the node controller has seen that it is ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  operations: ['CREATE'],
  mutate({ definition, subresource, object }) {
    if (definition.group !== '' || definition.resource !== 'nodes' || subresource !== '') return;
    const node = object as Node;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return;
    node.spec = { ...node.spec, taints: [...taints, { ...NOT_READY }] } as Node['spec'];
  },
};
