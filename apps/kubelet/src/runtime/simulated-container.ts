import type { Container, Pod, ResourceRequirements } from '@pilothouse/api';
import { fillIn } from '../stages/select-stage.ts';
import { parseDurationMs } from '../stages/duration.ts';
import type { PlayedSubject } from '../stages/stage-player.ts';
import type { StageNext } from '../stages/stage.ts';
import { ContainerHooks } from './container-hooks.ts';
import { ContainerLog } from './container-log.ts';
import { ContainerResize } from './container-resize.ts';
import { containerTarget } from './container-target.ts';
import type { ContainerKind, ContainerState, StartContainerRequest } from './container-runtime.ts';
import { containerUser } from './container-user.ts';
import type { ContainerUser } from './container-user.ts';
import { describeImage } from './image-store.ts';
import { FileSystem } from './file-system.ts';
import type { FileMount } from './file-system.ts';
import { commandWords, unknownService } from './main-process.ts';
import { NameLookup } from './name-lookup.ts';
import { podFact } from './pod-facts.ts';
import { ProcessRunner } from './process-runner.ts';
import { runProgram } from './shell/run-shell.ts';
import type { ProbeTarget } from './probes/probe-target.ts';
import type { Process, ProcessContext } from './shell/process.ts';
import type { DatagramHandler, HttpHandler } from './simulated-http.ts';
import { SimulatedProbe } from './simulated-probe.ts';
import type { Simulation } from './simulation.ts';
import { terminationMessage } from './termination-message.ts';

/** How long a container that is told nothing else takes to stop. */
const STOP_TIME = '30ms';

export interface ContainerIdentity {
  readonly id: string;
  readonly attempt: number;
  readonly podIP: string;
  readonly previous?: ContainerState;
  /** The volumes that the container mounts. */
  readonly mounts?: readonly FileMount[];
}

/** One attempt of one container. */
export class SimulatedContainer implements PlayedSubject, ContainerState {
  readonly subjectKind = 'container';
  readonly kind: ContainerKind;
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  readonly imageId: string;
  readonly podIP: string;
  readonly log: ContainerLog;
  readonly files: FileSystem;
  readonly user: ContainerUser;
  readonly env: Readonly<Record<string, string>>;
  pod: Pod;
  state: ContainerState['state'] = 'created';
  enteredAtMs: number;
  startedAt?: Date;
  finishedAt?: Date;
  exitCode?: number;
  reason?: string;
  message?: string;
  resources: ResourceRequirements;
  previous?: ContainerState;
  readonly #container: Container;
  readonly #simulation: Simulation;
  #runner: ProcessRunner | undefined;
  #probe: SimulatedProbe | undefined;
  #gracePeriodMs = 0;
  /** Its main program is outside the simulation. */
  #isOpaque = false;
  readonly #listeners = new Map<number, HttpHandler>();
  readonly #datagramListeners = new Map<number, DatagramHandler>();
  readonly #target: ProbeTarget;
  readonly #hooks: ContainerHooks;
  readonly #resize: ContainerResize;
  #postStartFailed = false;

  constructor(
    { pod, container, kind, env, files }: StartContainerRequest,
    identity: ContainerIdentity,
    simulation: Simulation,
  ) {
    const described = describeImage(container.image ?? '');
    this.pod = pod;
    this.id = identity.id;
    this.name = container.name;
    this.attempt = identity.attempt;
    this.podIP = identity.podIP;
    if (identity.previous) this.previous = identity.previous;
    this.image = described?.reference ?? container.image ?? '';
    this.imageId = described?.id ?? '';
    this.key = `container/${pod.metadata.uid}/${container.name}/${identity.attempt}`;
    this.log = new ContainerLog(simulation.clock);
    this.user = containerUser(pod, container);
    this.files = new FileSystem({
      own: files,
      mounts: identity.mounts ?? [],
      readOnlyRoot: container.securityContext?.readOnlyRootFilesystem ?? false,
      user: this.user,
    });
    this.env = env;
    this.#container = container;
    this.resources = container.resources ?? {};
    this.kind = kind;
    this.#simulation = simulation;
    this.enteredAtMs = simulation.clock.monotonicMs();
    this.#target = containerTarget(this, container, simulation);
    this.#hooks = new ContainerHooks(container, this.#target, simulation);
    this.#resize = new ContainerResize(this.key, simulation);
  }

  get labels(): Readonly<Record<string, string>> {
    return this.pod.metadata.labels ?? {};
  }

  get annotations(): Readonly<Record<string, string>> {
    return this.pod.metadata.annotations ?? {};
  }

  get started(): boolean {
    return this.#probe !== undefined && this.#probe.state !== 'starting';
  }

  get ready(): boolean {
    return this.#probe?.state === 'ready';
  }

  get fatal(): ContainerState['fatal'] {
    if (this.state !== 'running') return undefined;
    return this.#postStartFailed ? 'postStart' : this.#probe?.fatal;
  }

  /** A service nobody knows, as opposed to a simulated program. */
  get isOpaque(): boolean {
    return this.#isOpaque;
  }

  /** What answers at a port of the pod, if it is this container that listens. */
  listener(port: number): HttpHandler | undefined {
    return this.#listeners.get(port);
  }

  datagramListener(port: number): DatagramHandler | undefined {
    return this.#datagramListeners.get(port);
  }

  readonly fact = (name: string): string | undefined => {
    switch (name) {
      case 'image.name':
        return this.#container.image;
      case 'image.reference':
        return this.image;
      case 'container.attempt':
        return String(this.attempt);
      case 'container.exitsSpent': {
        const times = this.fact('annotation.exit-times');
        return times !== undefined && this.attempt >= Number(times) ? 'true' : undefined;
      }
      case 'container.stopTime':
        return `${Math.min(this.#stopTimeMs(), this.#gracePeriodMs)}ms`;
      case 'container.killed':
        return this.#stopTimeMs() > this.#gracePeriodMs ? 'true' : undefined;
      case 'process.state':
        return this.#runner?.state === 'service' && !this.#isOpaque ? 'serving' : this.#runner?.state;
      case 'process.exitCode':
        return this.#runner?.exitCode?.toString();
      default:
        return podFact(this.pod, { name: this.name, kind: this.kind }, name);
    }
  };

  enter({ state, exitCode, exitCodeFrom, reason, message, log, event }: StageNext): void {
    const { clock, event: emit, changed } = this.#simulation;
    if (log !== undefined) this.log.write(`${fillIn(log, this.fact)}\n`);
    if (event)
      emit({ ...event, podUid: this.podUid, containerName: this.name, message: fillIn(event.message, this.fact) });
    this.enteredAtMs = clock.monotonicMs();
    if (state === 'running') this.#run(0, clock.now());
    else if (state === 'exited') {
      const code = Number(exitCodeFrom === undefined ? undefined : this.fact(exitCodeFrom));
      this.exit(Number.isInteger(code) ? code : (exitCode ?? 0), reason, message && fillIn(message, this.fact));
    } else this.state = state as ContainerState['state'];
    changed(this.podUid);
  }

  resize(resources: ResourceRequirements): void {
    if (this.state !== 'running') return;
    this.#resize.begin(resources, this.fact('annotation.resize-duration'), () => {
      this.resources = resources;
      this.#simulation.changed(this.podUid);
    });
  }

  stop(gracePeriodMs: number): void {
    // Asked again, only a shorter grace period changes anything.
    const isStopping = this.state === 'stopping' || this.#hooks.isStopping;
    if (this.state === 'exited' || (isStopping && gracePeriodMs >= this.#gracePeriodMs)) return;
    this.#gracePeriodMs = gracePeriodMs;
    if (this.state !== 'running' || !this.#hooks.hasPreStop || gracePeriodMs === 0)
      return this.#terminate(gracePeriodMs);
    this.#hooks.preStop(gracePeriodMs, (succeeded, leftMs) => {
      if (this.state !== 'running') return;
      if (!succeeded) this.#emit('FailedPreStopHook', 'PreStopHook failed');
      this.#terminate(leftMs);
    });
  }

  #terminate(gracePeriodMs: number): void {
    const { clock, player, changed } = this.#simulation;
    this.#hooks.cancel();
    this.#gracePeriodMs = gracePeriodMs;
    if (this.state !== 'stopping') this.enteredAtMs = clock.monotonicMs();
    this.state = 'stopping';
    player.consider(this);
    changed(this.podUid);
  }

  exit(code: number, reason?: string, message?: string): void {
    const { clock } = this.#simulation;
    this.#hooks.cancel();
    this.#resize.cancel();
    this.#listeners.clear();
    this.#datagramListeners.clear();
    this.state = 'exited';
    this.finishedAt = clock.now();
    this.startedAt ??= this.finishedAt;
    this.exitCode = code;
    this.reason = reason || (code === 0 ? 'Completed' : 'Error');
    const said = message || terminationMessage(this.#container, code, this.files, this.log);
    if (said) this.message = said;
    this.#runner?.stop();
    this.#probe?.stop();
    this.#probe = undefined;
    this.log.close();
  }

  /** Labels or annotations may have changed: other stages may match now. */
  reconsider(): void {
    if (this.state === 'exited') return;
    this.#simulation.player.consider(this);
    if (this.#probe) this.#simulation.player.consider(this.#probe);
  }

  forget(): void {
    this.#simulation.player.forget(this);
    this.#hooks.cancel();
    this.#resize.cancel();
    this.#probe?.stop();
    this.#runner?.stop();
    this.log.close();
  }

  /** Standard input of the main process. */
  feed(line: string | undefined): void {
    this.#runner?.feed(line);
  }

  /** Runs as before this kubelet started: its process continues where it would be by now, its log starts anew. */
  restoreRunning(startedAt: Date, ready: boolean): void {
    this.#run(Math.max(0, this.#simulation.clock.now().getTime() - startedAt.getTime()), startedAt, ready);
    // Its volumes and what it was told over exec went with the process, so a failing command means nothing.
    this.#isOpaque = true;
    this.reconsider();
  }

  restoreExited(fields: Pick<ContainerState, 'startedAt' | 'finishedAt' | 'exitCode' | 'reason' | 'message'>): void {
    Object.assign(this, fields);
    this.state = 'exited';
    this.log.close();
  }

  /** Control-C on the main process's terminal. */
  interrupt(): void {
    if (this.#runner?.state !== 'running') return;
    this.#simulation.player.forget(this);
    this.exit(130);
    this.#simulation.changed(this.podUid);
  }

  /** What a program typed into this container sees. */
  processContext(
    extraEnv: Readonly<Record<string, string>> = {},
    unknownProgram?: ProcessContext['unknownProgram'],
  ): ProcessContext {
    const { clock } = this.#simulation;
    const network = this.#simulation.networkOf(this.podUid);
    return {
      env: { ...this.env, ...extraEnv },
      files: this.files,
      user: this.user,
      hostname: this.env['HOSTNAME'] ?? this.pod.metadata.name ?? '',
      podIP: this.podIP,
      cwd: this.#container.workingDir || '/',
      now: () => clock.now(),
      positional: [],
      network,
      names: new NameLookup(this.files, network.directory),
      ...(unknownProgram ? { unknownProgram } : {}),
      listen: (port, handler) => void this.#listeners.set(port, handler),
      listenDatagrams: (port, handler) => void this.#datagramListeners.set(port, handler),
      log: (text) => this.log.write(text),
      exit: (code) => {
        this.exit(code);
        this.#simulation.changed(this.podUid);
      },
    };
  }

  private get podUid(): string {
    return this.pod.metadata.uid ?? '';
  }

  #emit(reason: string, message: string): void {
    this.#simulation.event({ podUid: this.podUid, containerName: this.name, type: 'Warning', reason, message });
  }

  #run(elapsedMs: number, startedAt: Date, wasReady = false): void {
    const { clock, timers, speed, player, changed } = this.#simulation;
    this.state = 'running';
    this.startedAt = startedAt;
    this.#runner = new ProcessRunner({
      key: `process/${this.key}`,
      process: this.#mainProcess(),
      log: this.log,
      clock,
      timers,
      speed,
      elapsedMs,
      onChange: () => {
        if (this.state !== 'running') return;
        player.consider(this);
        changed(this.podUid);
      },
    });
    this.#runner.start();
    // Input that nobody will ever give is at its end; one that somebody may attach to is waited for.
    if (!this.#container.stdin) this.#runner.feed(undefined);
    if (!this.#hooks.hasPostStart || elapsedMs > 0) return this.#beginProbes(elapsedMs, wasReady);
    // Nobody asks whether the container is well before its hook has ended.
    this.#hooks.postStart((succeeded) => {
      if (this.state !== 'running') return;
      this.#postStartFailed = !succeeded;
      if (succeeded) this.#beginProbes(clock.now().getTime() - startedAt.getTime(), false);
      else this.#emit('FailedPostStartHook', 'PostStartHook failed');
      changed(this.podUid);
    });
  }

  #beginProbes(elapsedMs: number, wasReady: boolean): void {
    this.#probe = new SimulatedProbe(this, this.#container, this.#target, this.#simulation);
    this.#probe.begin(elapsedMs, wasReady);
  }

  #mainProcess(): Process {
    const unknownProgram = (): Process => {
      this.#isOpaque = true;
      return unknownService(this.#container);
    };
    const { tty } = this.#container;
    const words = commandWords(this.#container, this.env);
    const context = this.processContext(tty ? { TERM: 'xterm' } : {}, unknownProgram);
    return words.length > 0 ? runProgram(words, context) : unknownProgram();
  }

  #stopTimeMs(): number {
    return parseDurationMs(this.fact('annotation.stop-duration') ?? STOP_TIME) ?? 0;
  }
}
