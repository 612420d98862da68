import type { Container, Pod } from '@pilothouse/api';
import { fillIn } from '../stages/select-stage.ts';
import { parseDurationMs } from '../stages/duration.ts';
import type { PlayedSubject } from '../stages/stage-player.ts';
import type { StageNext } from '../stages/stage.ts';
import { ContainerLog } from './container-log.ts';
import type { ContainerKind, ContainerState, StartContainerRequest } from './container-runtime.ts';
import { expandReferences } from './expand-references.ts';
import { describeImage } from './image-store.ts';
import { parseImageReference } from './image-reference.ts';
import { knownImage } from './known-images.ts';
import { podFact } from './pod-facts.ts';
import { ProcessRunner } from './process-runner.ts';
import { runProgram } from './shell/run-shell.ts';
import type { Process, ProcessContext } from './shell/process.ts';
import { write } from './shell/process.ts';
import { SimulatedProbe } from './simulated-probe.ts';
import type { Simulation } from './simulation.ts';

/** How long a container that is told nothing else takes to stop. */
const STOP_TIME = '30ms';

export interface ContainerIdentity {
  readonly id: string;
  readonly attempt: number;
  readonly podIP: string;
  readonly previous?: ContainerState;
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
  /** Its own files, which its shell may change. */
  readonly files: Record<string, string>;
  readonly env: Readonly<Record<string, string>>;
  pod: Pod;
  state: ContainerState['state'] = 'created';
  enteredAtMs: number;
  startedAt?: Date;
  finishedAt?: Date;
  exitCode?: number;
  reason?: string;
  message?: string;
  previous?: ContainerState;
  readonly #container: Container;
  readonly #simulation: Simulation;
  #runner: ProcessRunner | undefined;
  #probe: SimulatedProbe | undefined;
  #gracePeriodMs = 0;

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
    this.files = { ...files };
    this.env = env;
    this.#container = container;
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
        return this.#runner?.state;
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

  stop(gracePeriodMs: number): void {
    // Asked again, only a shorter grace period changes anything.
    if (this.state === 'exited' || (this.state === 'stopping' && gracePeriodMs >= this.#gracePeriodMs)) return;
    const { clock, player, changed } = this.#simulation;
    this.#gracePeriodMs = gracePeriodMs;
    if (this.state !== 'stopping') this.enteredAtMs = clock.monotonicMs();
    this.state = 'stopping';
    player.consider(this);
    changed(this.podUid);
  }

  exit(code: number, reason?: string, message?: string): void {
    const { clock, player } = this.#simulation;
    this.state = 'exited';
    this.finishedAt = clock.now();
    this.startedAt ??= this.finishedAt;
    this.exitCode = code;
    this.reason = reason || (code === 0 ? 'Completed' : 'Error');
    const said = message || this.#terminationMessage(code);
    if (said) this.message = said;
    this.#runner?.stop();
    if (this.#probe) player.forget(this.#probe);
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
    if (this.#probe) this.#simulation.player.forget(this.#probe);
    this.#runner?.stop();
    this.log.close();
  }

  /** Standard input of the main process. */
  feed(line: string | undefined): void {
    this.#runner?.feed(line);
  }

  /** Runs as before this kubelet started: its process continues where it would be by now, its log starts anew. */
  restoreRunning(startedAt: Date, ready: boolean): void {
    this.#run(Math.max(0, this.#simulation.clock.now().getTime() - startedAt.getTime()), startedAt);
    if (this.#probe && ready) this.#probe.state = 'ready';
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
    unknownProgram: ProcessContext['unknownProgram'],
    extraEnv: Readonly<Record<string, string>> = {},
  ): ProcessContext {
    const { clock } = this.#simulation;
    return {
      env: { ...this.env, ...extraEnv },
      files: this.files,
      hostname: this.env['HOSTNAME'] ?? this.pod.metadata.name ?? '',
      podIP: this.podIP,
      cwd: this.#container.workingDir || '/',
      now: () => clock.now(),
      unknownProgram,
      positional: [],
    };
  }

  private get podUid(): string {
    return this.pod.metadata.uid ?? '';
  }

  #run(elapsedMs: number, startedAt: Date): void {
    const { clock, timers, speed, player, changed } = this.#simulation;
    this.state = 'running';
    this.startedAt = startedAt;
    const probe = (this.#probe = new SimulatedProbe(this, this.#container, this.#simulation));
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
    player.advance(probe);
    // Input that nobody will ever give is at its end; one that somebody may attach to is waited for.
    if (!this.#container.stdin) this.#runner.feed(undefined);
  }

  #mainProcess(): Process {
    const { command, args } = this.#container;
    const reference = parseImageReference(this.#container.image ?? '');
    const known = reference && knownImage(reference);
    const context = this.processContext('serves', this.#container.tty ? { TERM: 'xterm' } : {});
    const words = command?.length
      ? [...command, ...(args ?? [])]
      : known && !args?.length
        ? known.entrypoint
        : (args ?? []);
    const expanded = words.map((word) => expandReferences(word, this.env));
    const imageName = this.#container.image ?? '';
    return mainProcess(expanded, context, `${this.name}: ${imageName} started`);
  }

  /** https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ */
  #terminationMessage(code: number): string | undefined {
    const { terminationMessagePath = '/dev/termination-log', terminationMessagePolicy } = this.#container;
    const written = this.files[terminationMessagePath];
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

/** A program outside the simulation says at least that it runs, so that its log is not empty. */
function* mainProcess(words: readonly string[], context: ProcessContext, greeting: string): Process {
  const process = words.length > 0 ? runProgram(words, context) : serve();
  for (let step = process.next(); ;) {
    if (step.done) return step.value;
    if (step.value.type === 'serve') yield* write(`${greeting}\n`);
    step = process.next(yield step.value);
  }
}

function* serve(): Process {
  yield { type: 'serve' };
  return 0;
}
