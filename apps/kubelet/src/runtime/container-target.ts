import type { Container } from '@pilothouse/api';
import type { ProbeTarget } from './probes/probe-target.ts';
import { UnknownProgram } from './shell/process.ts';
import { runProgram } from './shell/run-shell.ts';
import type { ProbedContainer } from './probed-container.ts';
import type { Simulation } from './simulation.ts';

/** The container as its probes and hooks see it. */
export function containerTarget(
  owner: ProbedContainer,
  { ports }: Container,
  network: Pick<Simulation, 'dial'>,
): ProbeTarget {
  return {
    key: owner.key,
    podIP: owner.podIP,
    get isOpaque() {
      return owner.isOpaque;
    },
    spawn: (command) =>
      runProgram(
        command,
        owner.processContext({}, () => {
          throw new UnknownProgram();
        }),
      ),
    dial: (host, port) => network.dial(owner.pod.metadata.uid ?? '', host, port),
    portNumber: (port) => Number(ports?.find(({ name }) => name === port)?.containerPort ?? port),
  };
}
