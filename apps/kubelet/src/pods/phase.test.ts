import { describe, expect, test } from 'vitest';
import type { ContainerState, ContainerStatus, Pod, PodSpec } from '@pilothouse/api';
import { phaseOf } from './phase.ts';

const RUNNING: ContainerState = { running: { startedAt: 't' } };
const WAITING: ContainerState = { waiting: { reason: 'ContainerCreating' } };
const exited = (exitCode: number): ContainerState => ({ terminated: { exitCode } });

interface Case {
  readonly policy?: string;
  readonly init?: readonly ContainerState[];
  readonly sidecars?: readonly ContainerState[];
  readonly regular: readonly (ContainerState | { state: ContainerState; last: ContainerState })[];
  readonly terminal?: boolean;
  readonly initialized?: boolean;
}

function phase({
  policy = 'Always',
  init = [],
  sidecars = [],
  regular,
  terminal = false,
  initialized = false,
}: Case): string {
  const status = (name: string, state: ContainerState, lastState: ContainerState = {}): ContainerStatus => {
    return {
      name,
      state,
      lastState,
      ready: true,
      started: state.running !== undefined,
      restartCount: 0,
      image: '',
      imageID: '',
    };
  };
  const spec: PodSpec = {
    restartPolicy: policy,
    initContainers: [
      ...init.map((_, n) => ({ name: `i${n}` })),
      ...sidecars.map((_, n) => ({ name: `s${n}`, restartPolicy: 'Always' })),
    ],
    containers: regular.map((_, n) => ({ name: `c${n}` })),
  };
  const statuses = [
    ...init.map((state, n) => status(`i${n}`, state)),
    ...sidecars.map((state, n) => status(`s${n}`, state)),
    ...regular.map((each, n) => ('state' in each ? status(`c${n}`, each.state, each.last) : status(`c${n}`, each))),
  ];
  const pod: Pod = { metadata: { name: 'p' }, spec };
  return phaseOf(pod, statuses, { terminal, initialized });
}

describe('the phase', () => {
  test.each<[string, string, Case]>([
    ['Pending', 'nothing has started', { regular: [WAITING] }],
    ['Pending', 'one of two has not started', { regular: [RUNNING, WAITING] }],
    ['Running', 'all run', { regular: [RUNNING, RUNNING] }],
    ['Running', 'one runs and the other has ended for good', { policy: 'Never', regular: [RUNNING, exited(1)] }],
    ['Running', 'all are about to restart', { regular: [exited(0), exited(1)] }],
    ['Running', 'one waits out its back-off', { regular: [{ state: WAITING, last: exited(1) }] }],
    ['Running', 'the one that failed is tried again', { policy: 'OnFailure', regular: [exited(0), exited(1)] }],
    ['Succeeded', 'all ended well', { policy: 'OnFailure', regular: [exited(0), exited(0)] }],
    ['Failed', 'one failed and stays so', { policy: 'Never', regular: [exited(0), exited(1)] }],
    ['Pending', 'an init container runs', { init: [RUNNING], regular: [WAITING] }],
    ['Pending', 'an init container failed and is tried again', { init: [exited(1)], regular: [WAITING] }],
    ['Failed', 'an init container failed and stays so', { policy: 'Never', init: [exited(1)], regular: [WAITING] }],
    ['Pending', 'a sidecar has not started', { sidecars: [WAITING], regular: [WAITING] }],
    [
      'Running',
      'a sidecar restarts in a pod that was initialized',
      { sidecars: [exited(1)], regular: [RUNNING], initialized: true },
    ],
    [
      'Succeeded',
      'a sidecar failed and the rest ended well',
      { policy: 'Never', sidecars: [exited(2)], regular: [exited(0)] },
    ],
    ['Succeeded', 'the pod was stopped and its containers ended well', { regular: [exited(0)], terminal: true }],
    ['Failed', 'the pod was stopped and one did not', { regular: [exited(0), exited(137)], terminal: true }],
    ['Failed', 'the pod was stopped before it had run', { init: [WAITING], regular: [WAITING], terminal: true }],
  ])('is %s when %s', (expected, _, input) => {
    expect(phase(input)).toBe(expected);
  });
});
