import type { Container, Probe } from '@pilothouse/api';
import type { PlayedSubject } from '../stages/stage-player.ts';
import { fillIn } from '../stages/select-stage.ts';
import type { StageNext } from '../stages/stage.ts';
import type { SimulatedContainer } from './simulated-container.ts';
import type { Simulation } from './simulation.ts';

/** What the probes of one running container find. They are assumed good; stages say otherwise. */
export class SimulatedProbe implements PlayedSubject {
  readonly subjectKind = 'probe';
  readonly key: string;
  state: 'starting' | 'started' | 'ready' | 'failing' = 'starting';
  enteredAtMs: number;
  readonly #owner: SimulatedContainer;
  readonly #container: Container;
  readonly #simulation: Simulation;

  constructor(owner: SimulatedContainer, container: Container, simulation: Simulation) {
    this.key = `probe/${owner.key}`;
    this.#owner = owner;
    this.#container = container;
    this.#simulation = simulation;
    this.enteredAtMs = simulation.clock.monotonicMs();
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#owner.labels;
  }

  get annotations(): Readonly<Record<string, string>> {
    return this.#owner.annotations;
  }

  readonly fact = (name: string): string | undefined => {
    const { startupProbe, readinessProbe } = this.#container;
    switch (name) {
      case 'probe.startupTime':
        return `${startupProbe?.initialDelaySeconds ?? 0}s`;
      case 'probe.readinessTime':
        return this.#owner.fact('annotation.ready-after') ?? `${readinessProbe?.initialDelaySeconds ?? 0}s`;
      case 'probe.failure':
        return failureText(readinessProbe, this.#owner.podIP);
      default:
        return this.#owner.fact(name);
    }
  };

  enter({ state, event }: StageNext): void {
    const { clock, changed, event: emit } = this.#simulation;
    this.state = state as SimulatedProbe['state'];
    this.enteredAtMs = clock.monotonicMs();
    const podUid = this.#owner.pod.metadata.uid ?? '';
    if (event) emit({ ...event, podUid, containerName: this.#owner.name, message: fillIn(event.message, this.fact) });
    changed(podUid);
  }
}

/** What upstream's prober reports for each kind of probe. */
function failureText(probe: Probe | undefined, podIP: string): string {
  if (probe?.tcpSocket) return `dial tcp ${podIP}:${probe.tcpSocket.port}: connect: connection refused`;
  if (probe?.grpc) return 'service unhealthy (responded with "NOT_SERVING")';
  if (probe?.exec) return 'command failed';
  return 'HTTP probe failed with statuscode: 503';
}
