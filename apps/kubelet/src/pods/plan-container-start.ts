import type { Pod, ResourceRequirements } from '@pilothouse/api';
import { formatDuration } from '../stages/duration.ts';
import { parseImageReference } from '../runtime/image-reference.ts';
import type { ContainerState, ImagePullState, VolumeFiles } from '../runtime/container-runtime.ts';
import type { EnvResult } from './container-env.ts';
import { nonRootProblem } from './non-root.ts';
import type { PodContainer } from './pod-containers.ts';
import type { ContainerMemory } from './pod-memory.ts';
import { decideRestart, nextDelayMs } from './restart-backoff.ts';
import type { BackoffLimits } from './restart-backoff.ts';
import { subPathProblem } from './sub-path-problem.ts';

export type PodAction =
  | { readonly type: 'createSandbox' }
  | { readonly type: 'stopSandbox' }
  | { readonly type: 'pullImage'; readonly target: PodContainer }
  | {
      readonly type: 'startContainer';
      readonly target: PodContainer;
      readonly env: Readonly<Record<string, string>>;
      readonly files: Readonly<Record<string, string>>;
    }
  | { readonly type: 'setVolumes'; readonly volumes: ReadonlyMap<string, VolumeFiles> }
  | { readonly type: 'stopContainer'; readonly name: string; readonly gracePeriodMs: number }
  | { readonly type: 'resizeContainer'; readonly name: string; readonly resources: ResourceRequirements }
  | {
      readonly type: 'event';
      readonly eventType: 'Normal' | 'Warning';
      readonly reason: string;
      readonly message: string;
      readonly target?: PodContainer;
    };

export interface StartInput {
  readonly pod: Pod;
  readonly target: PodContainer;
  /** The attempt that ended, if there was one. */
  readonly last: ContainerState | undefined;
  readonly pull: ImagePullState | undefined;
  readonly imagePresent: boolean;
  /** Names of the pull secrets that can not be had; undefined while that is being found out. */
  readonly missingPullSecrets: () => readonly string[] | undefined;
  readonly env: () => EnvResult;
  readonly files: () => Readonly<Record<string, string>>;
  readonly now: Date;
  readonly nowMs: number;
  readonly limits: BackoffLimits;
  readonly speed: number;
}

export interface StartPlan {
  readonly memory: ContainerMemory;
  readonly actions: readonly PodAction[];
  /** When to look again, if nothing happens before. */
  readonly wakeAtMs?: number;
}

/** How long ErrImagePull shows before it becomes ImagePullBackOff: upstream's next look at the pod. */
const PULL_ERROR_SHOWN_MS = 2_000;
/** Upstream looks again at a pod whose sync failed after about this long. */
const CONFIG_RETRY_MS = 5_000;

/**
 * One container's way from "should run" to started: wait out the crash loop, have the image, have the configuration,
 * start. Each call goes as far as it can and says why it stopped. Order, reasons and texts are upstream's.
 */
export function planContainerStart(input: StartInput, memory: ContainerMemory): StartPlan {
  return planRestart(input, memory) ?? planImage(input, memory) ?? planConfiguration(input, memory);
}

/** The number of the attempt that is being prepared. */
function attemptOf({ last }: StartInput): number {
  return last ? last.attempt + 1 : 0;
}

function planRestart(input: StartInput, memory: ContainerMemory): StartPlan | undefined {
  const { pod, target, last, now, nowMs, limits } = input;
  const attempt = attemptOf(input);
  // Once decided, the restart goes on to image and configuration without waiting again.
  if (!last || memory.restartingFor === attempt) return undefined;
  const finishedAtMs = nowMs - (now.getTime() - (last.finishedAt ?? now).getTime());
  const decision = decideRestart(memory.restart, finishedAtMs, nowMs, limits);
  const { name } = target.container;
  if ('restart' in decision) {
    const { waiting: _, ...rest } = memory;
    return planAfter(input, { ...rest, restart: decision.restart, restartingFor: attempt });
  }
  const podName = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
  const waiting = {
    reason: 'CrashLoopBackOff',
    message: `back-off ${formatDuration(decision.delayMs)} restarting failed container=${name} pod=${podName}`,
  };
  const announced = memory.backOffId === last.id;
  return {
    memory: { ...memory, waiting, backOffId: last.id },
    actions: announced
      ? []
      : [warning(target, 'BackOff', `Back-off restarting failed container ${name} in pod ${podName}`)],
    wakeAtMs: decision.waitUntilMs,
  };
}

function planAfter(input: StartInput, memory: ContainerMemory): StartPlan {
  return planImage(input, memory) ?? planConfiguration(input, memory);
}

function planImage(input: StartInput, memory: ContainerMemory): StartPlan | undefined {
  const { target, imagePresent, nowMs } = input;
  const { container } = target;
  const attempt = attemptOf(input);
  if (memory.imageReadyFor === attempt) return undefined;
  const image = container.image ?? '';
  if (!parseImageReference(image)) {
    const problem = `couldn't parse image reference "${image}": invalid reference format`;
    const message = `Failed to apply default image tag "${image}": ${problem}`;
    return refuse(memory, target, 'InvalidImageName', message, [warning(target, 'InspectFailed', message)]);
  }
  const policy = container.imagePullPolicy ?? 'IfNotPresent';
  if (policy === 'Never' && !imagePresent) {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    return refuse(memory, target, 'ErrImageNeverPull', message, [warning(target, 'ErrImageNeverPull', message)]);
  }
  if (memory.pullingFor === attempt && input.pull) return planPullResult(input, memory, input.pull);
  if (policy !== 'Always' && imagePresent) {
    const present = `Container image "${image}" already present on machine and can be accessed by the pod`;
    return imageReady(input, memory, normal(target, 'Pulled', present));
  }
  if (memory.pullRetry && nowMs < memory.pullRetry.atMs) return planPullBackOff(input, memory, memory.pullRetry);
  const missing = input.missingPullSecrets();
  if (!missing) return { memory, actions: [] };
  const pulling = { ...memory, pullingFor: attempt };
  return {
    memory: pulling,
    actions: [
      ...warnOfSecrets(missing),
      normal(target, 'Pulling', `Pulling image "${image}"`),
      { type: 'pullImage', target },
    ],
  };
}

/** Said of the pod, before every pull: the registry may let it in nevertheless. */
function warnOfSecrets(missing: readonly string[]): PodAction[] {
  if (missing.length === 0) return [];
  const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
  return [{ type: 'event', eventType: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message }];
}

function planPullResult(input: StartInput, memory: ContainerMemory, pull: ImagePullState): StartPlan {
  const { target, limits, nowMs, speed } = input;
  const { image } = pull;
  if (pull.state === 'pulling') return { memory, actions: [] };
  if (pull.state === 'pulled') {
    const took = formatDuration((pull.finishedAtMs ?? nowMs) - pull.startedAtMs);
    const text = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${pull.sizeBytes} bytes.`;
    return imageReady(input, memory, normal(target, 'Pulled', text));
  }
  const error = pull.message ?? '';
  const delayMs = nextDelayMs(memory.pullRetry?.delayMs, limits);
  const { pullingFor: _, ...rest } = memory;
  return {
    memory: {
      ...rest,
      waiting: { reason: 'ErrImagePull', message: error },
      pullRetry: { atMs: nowMs + delayMs, delayMs, error, shownBackOff: false },
    },
    actions: [
      warning(target, 'Failed', `Failed to pull image "${image}": ${error}`),
      warning(target, 'Failed', 'Error: ErrImagePull'),
    ],
    wakeAtMs: nowMs + Math.min(PULL_ERROR_SHOWN_MS / speed, delayMs),
  };
}

function planPullBackOff(
  input: StartInput,
  memory: ContainerMemory,
  retry: NonNullable<ContainerMemory['pullRetry']>,
): StartPlan {
  const { target, nowMs, speed } = input;
  const showAtMs = retry.atMs - retry.delayMs + PULL_ERROR_SHOWN_MS / speed;
  if (retry.shownBackOff || nowMs < showAtMs)
    return { memory, actions: [], wakeAtMs: retry.shownBackOff ? retry.atMs : showAtMs };
  const message = `Back-off pulling image "${target.container.image}"`;
  return {
    memory: {
      ...memory,
      waiting: { reason: 'ImagePullBackOff', message: `${message}: ErrImagePull: ${retry.error}` },
      pullRetry: { ...retry, shownBackOff: true },
    },
    actions: [normal(target, 'BackOff', message), warning(target, 'Failed', 'Error: ImagePullBackOff')],
    wakeAtMs: retry.atMs,
  };
}

function imageReady(input: StartInput, memory: ContainerMemory, event: PodAction): StartPlan {
  const { pullRetry: _, pullingFor: __, waiting: ___, ...rest } = memory;
  const plan = planConfiguration(input, { ...rest, imageReadyFor: attemptOf(input) });
  return { ...plan, actions: [event, ...plan.actions] };
}

function planConfiguration(input: StartInput, memory: ContainerMemory): StartPlan {
  const { target, nowMs, speed } = input;
  if (memory.configRetry && nowMs < memory.configRetry.atMs)
    return { memory, actions: [], wakeAtMs: memory.configRetry.atMs };
  const result = checkedEnv(input);
  if (result.state === 'pending') return { memory, actions: [] };
  if (result.state === 'failed') {
    const delayMs = CONFIG_RETRY_MS / speed;
    const waiting = { reason: 'CreateContainerConfigError', message: result.message };
    return {
      memory: { ...memory, waiting, configRetry: { atMs: nowMs + delayMs, delayMs } },
      actions: [warning(target, 'Failed', `Error: ${result.message}`)],
      wakeAtMs: nowMs + delayMs,
    };
  }
  const { waiting: _, configRetry: __, imageReadyFor: ___, ...rest } = memory;
  return {
    memory: rest,
    actions: [
      normal(target, 'Created', 'Container created'),
      { type: 'startContainer', target, env: result.env, files: input.files() },
    ],
  };
}

/** The variables of the container, or why it may not be created. */
function checkedEnv({ pod, target, env }: StartInput): EnvResult {
  const result = env();
  if (result.state !== 'ready') return result;
  const problem = nonRootProblem(pod, target.container) ?? subPathProblem(target.container, result.env);
  return problem === undefined ? result : { state: 'failed', message: problem };
}

/** A state that only a change of the pod can end: said once. */
function refuse(
  memory: ContainerMemory,
  target: PodContainer,
  reason: string,
  message: string,
  events: readonly PodAction[],
): StartPlan {
  if (memory.waiting?.reason === reason && memory.waiting.message === message) return { memory, actions: [] };
  return {
    memory: { ...memory, waiting: { reason, message } },
    actions: [...events, warning(target, 'Failed', `Error: ${reason}`)],
  };
}

function normal(target: PodContainer, reason: string, message: string): PodAction {
  return { type: 'event', eventType: 'Normal', reason, message, target };
}

function warning(target: PodContainer, reason: string, message: string): PodAction {
  return { type: 'event', eventType: 'Warning', reason, message, target };
}
