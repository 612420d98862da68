import type { Container, Probe } from '@pilothouse/api';
import type { PlayedSubject } from '../stages/stage-player.ts';
import { fillIn } from '../stages/select-stage.ts';
import type { StageNext } from '../stages/stage.ts';
import type { ProbeTarget } from './probes/probe-target.ts';
import { ProbeWorker } from './probes/probe-worker.ts';
import type { ProbeKind } from './probes/probe-worker.ts';
import type { ProbedContainer } from './probed-container.ts';
import type { Simulation } from './simulation.ts';

/**
 * What the probes of one running container find. Those that the simulation can carry out are carried out (a command it
 * knows, a port at which something it knows listens); the others are assumed good. Stages have the last word.
 */
export class SimulatedProbe implements PlayedSubject {
  readonly subjectKind = 'probe';
  readonly key: string;
  state: 'starting' | 'started' | 'ready' | 'failing' = 'starting';
  enteredAtMs: number;
  readonly #owner: ProbedContainer;
  readonly #container: Container;
  readonly #simulation: Simulation;
  readonly #target: ProbeTarget;
  readonly #workers = new Map<ProbeKind, ProbeWorker>();
  #stopped = false;

  constructor(owner: ProbedContainer, container: Container, target: ProbeTarget, simulation: Simulation) {
    this.key = `probe/${owner.key}`;
    this.#owner = owner;
    this.#container = container;
    this.#target = target;
    this.#simulation = simulation;
    this.enteredAtMs = simulation.clock.monotonicMs();
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#owner.labels;
  }

  get annotations(): Readonly<Record<string, string>> {
    return this.#owner.annotations;
  }

  /** The probe that wants the container restarted. */
  get fatal(): 'startup' | 'liveness' | undefined {
    return (['startup', 'liveness'] as const).find((kind) => this.#workers.get(kind)?.verdict === 'failed');
  }

  /** Begins to ask the startup probe; the others follow once it has succeeded. */
  begin(elapsedMs = 0, wasReady = false): void {
    if (wasReady) this.state = 'ready';
    if (this.#container.startupProbe && !wasReady) this.#start('startup', this.#container.startupProbe, elapsedMs);
    else this.#startOthers(elapsedMs, wasReady);
    this.#simulation.player.advance(this);
  }

  stop(): void {
    this.#stopped = true;
    this.#simulation.player.forget(this);
    for (const worker of this.#workers.values()) worker.stop();
  }

  readonly fact = (name: string): string | undefined => {
    switch (name) {
      case 'probe.startup':
        return this.#workers.get('startup')?.verdict;
      case 'probe.readiness':
        return this.#workers.get('readiness')?.verdict;
      case 'probe.readinessTime':
        return this.#owner.fact('annotation.ready-after');
      case 'probe.failure':
        return failureText(this.#container.readinessProbe, this.#owner.podIP);
      default:
        return this.#owner.fact(name);
    }
  };

  enter({ state, event }: StageNext): void {
    const { clock, changed, event: emit } = this.#simulation;
    if (this.state === 'starting' && state === 'started') this.#startOthers(0, false);
    this.state = state as SimulatedProbe['state'];
    this.enteredAtMs = clock.monotonicMs();
    const podUid = this.#owner.pod.metadata.uid ?? '';
    if (event) emit({ ...event, podUid, containerName: this.#owner.name, message: fillIn(event.message, this.fact) });
    changed(podUid);
  }

  #startOthers(elapsedMs: number, wasReady: boolean): void {
    const { readinessProbe, livenessProbe } = this.#container;
    if (readinessProbe) this.#start('readiness', readinessProbe, elapsedMs, wasReady);
    if (livenessProbe) this.#start('liveness', livenessProbe, elapsedMs);
  }

  #start(kind: ProbeKind, probe: Probe, elapsedMs: number, succeeded = false): void {
    if (this.#workers.has(kind) || this.#stopped) return;
    const { event, player, changed } = this.#simulation;
    const podUid = this.#owner.pod.metadata.uid ?? '';
    const worker = new ProbeWorker({
      kind,
      probe,
      target: this.#target,
      simulation: this.#simulation,
      elapsedMs,
      ...(succeeded ? { before: 'succeeded' } : {}),
      onFailure: (message) =>
        event({ podUid, containerName: this.#owner.name, type: 'Warning', reason: 'Unhealthy', message }),
      onVerdict: () => {
        if (kind === 'liveness') changed(podUid);
        else if (worker.verdict === 'failed' && kind === 'startup') changed(podUid);
        else player.advance(this);
      },
    });
    this.#workers.set(kind, worker);
    worker.start();
  }
}

/** What upstream's prober reports for each kind of probe. */
function failureText(probe: Probe | undefined, podIP: string): string {
  if (probe?.tcpSocket) return `dial tcp ${podIP}:${probe.tcpSocket.port}: connect: connection refused`;
  if (probe?.grpc) return 'service unhealthy (responded with "NOT_SERVING")';
  if (probe?.exec) return 'command failed';
  return 'HTTP probe failed with statuscode: 503';
}
