import type { Pod, Toleration } from '@pilothouse/api';
import type { AdmissionPlugin } from '../chain.ts';

const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const SECONDS = 300;

/** A pod stays for five minutes on a node that is not ready or out of reach, unless it says otherwise. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  operations: ['CREATE', 'UPDATE'],
  mutate({ definition, subresource, object }) {
    if (definition.group !== '' || definition.resource !== 'pods' || subresource !== '') return;
    const spec = (object as Pod).spec!;
    const missing = TAINTS.filter((taint) => !(spec.tolerations ?? []).some((each) => tolerates(each, taint)));
    if (missing.length === 0) return;
    spec.tolerations = [...(spec.tolerations ?? []), ...missing.map(toleration)];
  },
};

function tolerates({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === 'NoExecute');
}

function toleration(key: string): Toleration {
  return { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS };
}
