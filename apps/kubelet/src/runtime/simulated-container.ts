import type { Container, Pod, ResourceRequirements } from '@pilothouse/api';
import { fillIn } from '../stages/select-stage.ts';
import { parseDurationMs } from '../stages/duration.ts';
import type { PlayedSubject } from '../stages/stage-player.ts';
import type { StageNext } from '../stages/stage.ts';
import { ContainerLog } from './container-log.ts';
import type { ContainerKind, ContainerState, StartContainerRequest } from './container-runtime.ts';
import { containerUser } from './container-user.ts';
import type { ContainerUser } from './container-user.ts';
import { expandReferences } from './expand-references.ts';
import { sameResources } from '../pods/same-resources.ts';
import { describeImage } from './image-store.ts';
import { parseImageReference } from './image-reference.ts';
import { FileSystem } from './file-system.ts';
import type { FileMount } from './file-system.ts';
import { commandLine } from './known-images.ts';
import { runHook } from './lifecycle-hooks.ts';
import { podFact } from './pod-facts.ts';
import { ProcessRunner } from './process-runner.ts';
import { runProgram } from './shell/run-shell.ts';
import type { ProbeTarget } from './probes/probe-target.ts';
import type { Process, ProcessContext } from './shell/process.ts';
import { serve, UnknownProgram, write } from './shell/process.ts';
import type { HttpHandler } from './simulated-http.ts';
import { SimulatedProbe } from './simulated-probe.ts';
import type { Simulation } from './simulation.ts';

/** How long a resize takes unless the pod says otherwise. */
const RESIZE_TIME = '100ms';
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
  #resizingTo: ResourceRequirements | undefined;
  #gracePeriodMs = 0;
  /** Its main program is outside the simulation. */
  #isOpaque = false;
  readonly #listeners = new Map<number, HttpHandler>();
  /** Ends the hook that runs. */
  #cancelHook: (() => void) | undefined;
  /** While the preStop hook runs: when SIGTERM was due at the latest. */
  #preStop: { readonly startedAtMs: number } | undefined;
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
    if (this.state !== 'running' || (this.#resizingTo && sameResources(this.#resizingTo, resources))) return;
    const { timers, clock, speed, changed } = this.#simulation;
    this.#resizingTo = resources;
    const takesMs = parseDurationMs(this.fact('annotation.resize-duration') ?? RESIZE_TIME) ?? 0;
    timers.set(`resize/${this.key}`, clock.monotonicMs() + takesMs / speed, () => {
      this.#resizingTo = undefined;
      this.resources = resources;
      changed(this.podUid);
    });
  }

  stop(gracePeriodMs: number): void {
    // Asked again, only a shorter grace period changes anything.
    const isStopping = this.state === 'stopping' || this.#preStop !== undefined;
    if (this.state === 'exited' || (isStopping && gracePeriodMs >= this.#gracePeriodMs)) return;
    this.#gracePeriodMs = gracePeriodMs;
    const { preStop } = this.#container.lifecycle ?? {};
    if (this.state !== 'running' || !preStop || gracePeriodMs === 0) return this.#terminate(gracePeriodMs);
    const { timers, clock, speed } = this.#simulation;
    const dueMs = (this.#preStop?.startedAtMs ?? clock.monotonicMs()) + gracePeriodMs / speed;
    timers.set(`pre-stop/${this.key}`, dueMs, () => this.#afterPreStop(true));
    if (this.#preStop) return;
    this.#preStop = { startedAtMs: clock.monotonicMs() };
    const done = (succeeded: boolean): void => this.#afterPreStop(succeeded);
    this.#cancelHook = runHook({ name: 'preStop', handler: preStop, target: this.#target, done }, this.#simulation);
  }

  /** SIGTERM, with what the hook left of the grace period: two seconds at least. */
  #afterPreStop(succeeded: boolean): void {
    if (this.#preStop === undefined || this.state !== 'running') return;
    if (!succeeded) this.#emit('FailedPreStopHook', 'PreStopHook failed');
    const { clock, speed } = this.#simulation;
    const spentMs = (clock.monotonicMs() - this.#preStop.startedAtMs) * speed;
    this.#endHook();
    this.#terminate(Math.max(2000, this.#gracePeriodMs - spentMs));
  }

  #terminate(gracePeriodMs: number): void {
    const { clock, player, changed } = this.#simulation;
    this.#endHook();
    this.#gracePeriodMs = gracePeriodMs;
    if (this.state !== 'stopping') this.enteredAtMs = clock.monotonicMs();
    this.state = 'stopping';
    player.consider(this);
    changed(this.podUid);
  }

  exit(code: number, reason?: string, message?: string): void {
    const { clock } = this.#simulation;
    this.#endHook();
    this.#endResize();
    this.#listeners.clear();
    this.state = 'exited';
    this.finishedAt = clock.now();
    this.startedAt ??= this.finishedAt;
    this.exitCode = code;
    this.reason = reason || (code === 0 ? 'Completed' : 'Error');
    const said = message || this.#terminationMessage(code);
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
    this.#endHook();
    this.#endResize();
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
    return {
      env: { ...this.env, ...extraEnv },
      files: this.files,
      user: this.user,
      hostname: this.env['HOSTNAME'] ?? this.pod.metadata.name ?? '',
      podIP: this.podIP,
      cwd: this.#container.workingDir || '/',
      now: () => clock.now(),
      positional: [],
      network: this.#simulation.networkOf(this.podUid, this.pod.metadata.namespace ?? ''),
      ...(unknownProgram ? { unknownProgram } : {}),
      listen: (port, handler) => void this.#listeners.set(port, handler),
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

  readonly #target: ProbeTarget = this.#probeTarget();

  #probeTarget(): ProbeTarget {
    const container = this;
    return {
      get key() {
        return container.key;
      },
      get podIP() {
        return container.podIP;
      },
      get isOpaque() {
        return container.#isOpaque;
      },
      spawn: (command) =>
        runProgram(
          command,
          container.processContext({}, () => {
            throw new UnknownProgram();
          }),
        ),
      dial: (host, port) => container.#simulation.dial(container.podUid, host, port),
      portNumber: (port) =>
        Number(container.#container.ports?.find(({ name }) => name === port)?.containerPort ?? port),
    };
  }

  #emit(reason: string, message: string): void {
    this.#simulation.event({ podUid: this.podUid, containerName: this.name, type: 'Warning', reason, message });
  }

  #endResize(): void {
    this.#simulation.timers.cancel(`resize/${this.key}`);
    this.#resizingTo = undefined;
  }

  #endHook(): void {
    this.#simulation.timers.cancel(`pre-stop/${this.key}`);
    this.#cancelHook?.();
    this.#cancelHook = this.#preStop = undefined;
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
    const { postStart } = this.#container.lifecycle ?? {};
    if (!postStart || elapsedMs > 0) return this.#beginProbes(elapsedMs, wasReady);
    // Nobody asks whether the container is well before its hook has ended.
    const done = (succeeded: boolean): void => {
      this.#cancelHook = undefined;
      if (this.state !== 'running') return;
      this.#postStartFailed = !succeeded;
      if (succeeded) this.#beginProbes(clock.now().getTime() - startedAt.getTime(), false);
      else this.#emit('FailedPostStartHook', 'PostStartHook failed');
      changed(this.podUid);
    };
    const cancel = runHook({ name: 'postStart', handler: postStart, target: this.#target, done }, this.#simulation);
    if (!this.#probe && !this.#postStartFailed) this.#cancelHook = cancel;
  }

  #beginProbes(elapsedMs: number, wasReady: boolean): void {
    this.#probe = new SimulatedProbe(this, this.#container, this.#target, this.#simulation);
    this.#probe.begin(elapsedMs, wasReady);
  }

  /** A program outside the simulation says at least that it runs, so that its log is not empty. */
  #mainProcess(): Process {
    const { image = '', tty } = this.#container;
    const container = this;
    function* unknownProgram(): Process {
      container.#isOpaque = true;
      yield* write(`${container.name}: ${image} started\n`);
      return yield* serve();
    }
    const words = commandLine(parseImageReference(image), this.#container);
    const expanded = words.map((word) => expandReferences(word, this.env));
    const context = this.processContext(tty ? { TERM: 'xterm' } : {}, unknownProgram);
    return expanded.length > 0 ? runProgram(expanded, context) : unknownProgram();
  }

  /** https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ */
  #terminationMessage(code: number): string | undefined {
    const { terminationMessagePath = '/dev/termination-log', terminationMessagePolicy } = this.#container;
    const written = this.files.read(terminationMessagePath);
    if (written || terminationMessagePolicy !== 'FallbackToLogsOnError' || code === 0) return written?.slice(0, 4096);
    return this.log
      .lines()
      .slice(-80)
      .map(({ text, complete }) => (complete ? `${text}\n` : text))
      .join('')
      .slice(-2048);
  }

  #stopTimeMs(): number {
    return parseDurationMs(this.fact('annotation.stop-duration') ?? STOP_TIME) ?? 0;
  }
}
