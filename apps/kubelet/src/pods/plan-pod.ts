import type { Pod, Volume } from '@pilothouse/api';
import type { ContainerState, PodRuntimeState, VolumeFiles } from '../runtime/container-runtime.ts';
import { planEnv } from './container-env.ts';
import type { ObjectLookup } from './object-lookup.ts';
import { planContainerStart } from './plan-container-start.ts';
import { PlanDraft, stop } from './plan-draft.ts';
import type { PodPlan } from './plan-draft.ts';
import { planGrant, planResizes } from './plan-resize.ts';
import { containersOf, shouldRestart } from './pod-containers.ts';
import type { PodContainer } from './pod-containers.ts';
import type { PodMemory } from './pod-memory.ts';
import type { PodObservation } from './pod-observation.ts';
import { containerFiles } from './container-files.ts';
import { planMounts } from './pod-volumes.ts';
import { backoffLimits, nextDelayMs } from './restart-backoff.ts';

/**
 * What the kubelet does next for one pod, as upstream's syncPod and computePodActions decide it. Pure: everything it
 * knows is in the observation and the memory. It is called again after every change, and at `wakeAtMs`.
 */
export function planPod(observed: PodObservation, memory: PodMemory): PodPlan {
  if (memory.finished) return { memory, actions: [] };
  const draft = new PlanDraft(memory);
  // Everything below goes by what the pod was granted.
  const observation = planGrant(observed, draft);
  const deadlineAtMs = checkDeadline(observation, draft);
  if (observation.pod.metadata.deletionTimestamp || draft.memory.verdict) planKill(observation, draft);
  else planRun(observation, draft);
  if (deadlineAtMs !== undefined) draft.wakeAt(deadlineAtMs);
  return draft.plan();
}

/** `activeDeadlineSeconds` counts from the pod's start time and is not scaled: users set it in their own time. */
function checkDeadline({ pod, now, nowMs }: PodObservation, draft: PlanDraft): number | undefined {
  const { activeDeadlineSeconds } = pod.spec;
  if (activeDeadlineSeconds === undefined || draft.memory.verdict) return undefined;
  const leftMs = new Date(draft.memory.startTime).getTime() + activeDeadlineSeconds * 1000 - now.getTime();
  if (leftMs > 0) return nowMs + leftMs;
  const message = 'Pod was active on the node longer than the specified deadline';
  draft.actions.push({ type: 'event', eventType: 'Normal', reason: 'DeadlineExceeded', message });
  draft.memory = { ...draft.memory, verdict: { reason: 'DeadlineExceeded', message } };
  return undefined;
}

function planRun(observation: PodObservation, draft: PlanDraft): void {
  const { pod, runtime } = observation;
  const volumes = planVolumes(observation, draft);
  if (!volumes) return;
  if (volumes.size > 0) draft.actions.push({ type: 'setVolumes', volumes });
  if (!runtime?.sandbox) {
    draft.actions.push({ type: 'createSandbox' });
    return;
  }
  if (runtime.sandbox.state !== 'ready') return;
  announceStarts(pod, runtime, draft);

  if (isOver(pod, runtime)) return planKill(observation, draft);
  planResizes(pod, runtime, draft);
  const targets = containersOf(pod);
  const begun = targets.some(({ container, kind }) => kind === 'regular' && runtime.containers.has(container.name));
  if (planInit(observation, draft, begun) === 'busy') return;
  for (const target of targets) {
    if (target.kind === 'regular' || target.kind === 'ephemeral') startIfNeeded(observation, draft, target);
  }
}

/** The regular containers have ended for good, or an init container has failed for good. Sidecars do not count. */
function isOver(pod: Pod, runtime: PodRuntimeState): boolean {
  const ended = ({ container, kind }: PodContainer): boolean => {
    const state = runtime.containers.get(container.name);
    return state?.state === 'exited' && !shouldRestart(pod, { container, kind }, state.exitCode ?? 0);
  };
  const targets = containersOf(pod);
  const failedInit = targets.some(
    (target) =>
      target.kind === 'init' && ended(target) && runtime.containers.get(target.container.name)?.exitCode !== 0,
  );
  return failedInit || targets.filter(({ kind }) => kind === 'regular').every(ended);
}

/** Upstream's `--sync-frequency`: how often what a running pod mounts is compared with what it was made from. */
const REFRESH_PERIOD_MS = 60_000;

function isRefreshed({ configMap, secret, projected }: Volume): boolean {
  return (configMap ?? secret ?? projected) !== undefined;
}

/** Upstream's `podAttachAndMountTimeout`. */
const ATTACH_TIMEOUT_MS = 123_000;

function areAttached({ unattached, nowMs, speed }: PodObservation, draft: PlanDraft): boolean {
  const missing = unattached();
  if (missing?.length === 0) return true;
  let { attachDeadlineMs } = draft.memory;
  if (attachDeadlineMs !== undefined && attachDeadlineMs <= nowMs) {
    const names = missing?.join(' ') ?? '';
    const message = `Unable to attach or mount volumes: unmounted volumes=[${names}], unattached volumes=[${names}], failed to process volumes=[]: context deadline exceeded`;
    draft.actions.push({ type: 'event', eventType: 'Warning', reason: 'FailedMount', message });
    attachDeadlineMs = undefined;
  }
  attachDeadlineMs ??= nowMs + ATTACH_TIMEOUT_MS / speed;
  draft.memory = { ...draft.memory, attachDeadlineMs };
  draft.wakeAt(attachDeadlineMs);
  return false;
}

/** Undefined while a volume is not there yet. What a mounted volume holds is looked up again for every start. */
function planVolumes(observation: PodObservation, draft: PlanDraft): ReadonlyMap<string, VolumeFiles> | undefined {
  const { pod, runtime, host, lookup, tokens, nowMs, speed } = observation;
  const { mountRetry, mounted } = draft.memory;
  if (!mounted && mountRetry && nowMs < mountRetry.atMs) {
    draft.wakeAt(mountRetry.atMs);
    return undefined;
  }
  if (!mounted && !areAttached(observation, draft)) return undefined;
  const plan = planMounts(pod, runtime?.sandbox?.podIPs ?? [], host, lookup, tokens);
  if (mounted) {
    if ((pod.spec.volumes ?? []).some(isRefreshed)) draft.wakeAt(nowMs + REFRESH_PERIOD_MS / speed);
    return plan.files;
  }
  if (plan.failures.length > 0) {
    // Upstream's volume manager: 500 ms doubling to 2 m 2 s.
    const delayMs = nextDelayMs(mountRetry?.delayMs, { initialMs: 500 / speed, maxMs: 122_000 / speed });
    draft.memory = { ...draft.memory, mountRetry: { atMs: nowMs + delayMs, delayMs } };
    draft.wakeAt(nowMs + delayMs);
    for (const message of plan.failures)
      draft.actions.push({ type: 'event', eventType: 'Warning', reason: 'FailedMount', message });
    return undefined;
  }
  if (plan.pending) return undefined;
  const { mountRetry: _, attachDeadlineMs: __, ...rest } = draft.memory;
  draft.memory = { ...rest, mounted: true };
  return plan.files;
}

/** Init containers run one after the other; a sidecar lets the next begin once it has started. */
function planInit(observation: PodObservation, draft: PlanDraft, begun: boolean): 'done' | 'busy' {
  const { pod, runtime } = observation;
  for (const target of containersOf(pod)) {
    const state = runtime?.containers.get(target.container.name);
    if (target.kind === 'sidecar') {
      startIfNeeded(observation, draft, target);
      if (!begun && !(state?.state === 'running' && state.started)) return 'busy';
    } else if (target.kind === 'init' && !begun) {
      if (state?.state === 'exited' && state.exitCode === 0) continue;
      startIfNeeded(observation, draft, target);
      return 'busy';
    }
  }
  return 'done';
}

/** Takes the container one step further, unless it runs or has ended for good. */
function startIfNeeded(observation: PodObservation, draft: PlanDraft, target: PodContainer): void {
  const { pod, runtime, host, lookup, serviceEnv, imagePresent, now, nowMs, speed } = observation;
  const { name, image = '' } = target.container;
  const last = runtime?.containers.get(name);
  if (last?.fatal) return stopFatal(pod, target, last, draft);
  if (last && (last.state !== 'exited' || !shouldRestart(pod, target, last.exitCode ?? 0))) return;
  const podIPs = runtime?.sandbox?.podIPs ?? [];
  const hostname = pod.spec.hostNetwork ? host.nodeName : (pod.spec.hostname ?? pod.metadata.name ?? '');
  const plan = planContainerStart(
    {
      pod,
      target,
      last,
      pull: runtime?.pulls.get(name),
      imagePresent: imagePresent(image),
      missingPullSecrets: () => missingPullSecrets(pod, lookup),
      env: () => planEnv(pod, target.container, podIPs, host, lookup, serviceEnv()),
      files: () => containerFiles(pod, podIPs, hostname),
      now,
      nowMs,
      limits: backoffLimits(speed),
      speed,
    },
    draft.container(name),
  );
  draft.remember(name, plan.memory);
  draft.actions.push(...plan.actions);
  draft.wakeAt(plan.wakeAtMs);
}

function missingPullSecrets({ metadata, spec }: Pod, lookup: ObjectLookup): readonly string[] | undefined {
  const answers = (spec.imagePullSecrets ?? []).map(({ name = '' }) => ({
    name,
    state: lookup('secret', metadata.namespace ?? '', name).state,
  }));
  if (answers.some(({ state }) => state === 'pending')) return undefined;
  return answers.filter(({ state }) => state === 'failed').map(({ name }) => name);
}

function announceStarts(pod: Pod, runtime: PodRuntimeState, draft: PlanDraft): void {
  for (const target of containersOf(pod)) {
    const state = runtime.containers.get(target.container.name);
    if (!state?.startedAt || draft.container(state.name).startedId === state.id) continue;
    draft.remember(state.name, { ...draft.container(state.name), startedId: state.id });
    draft.actions.push({ type: 'event', eventType: 'Normal', reason: 'Started', message: 'Container started', target });
  }
}

/** A probe or its postStart hook has given the container up. A probe may have a grace period of its own. */
function stopFatal(pod: Pod, target: PodContainer, state: ContainerState, draft: PlanDraft): void {
  const { name, livenessProbe, startupProbe } = target.container;
  const { fatal } = state;
  const probe = fatal === 'liveness' ? livenessProbe : fatal === 'startup' ? startupProbe : undefined;
  const restarted = pod.spec.restartPolicy === 'Never' && target.kind !== 'sidecar' ? '' : ', will be restarted';
  const message = fatal === 'postStart' ? 'FailedPostStartHook' : `Container ${name} failed ${fatal} probe${restarted}`;
  const graceSeconds = probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  stop(target, state, graceSeconds, draft, message);
}

/** Stops what still runs, the sidecars after the rest, then the sandbox; then the pod is over. */
/** Upstream's for evictions that cannot wait. */
const EVICTION_GRACE_SECONDS = 1;

function planKill({ pod, runtime }: PodObservation, draft: PlanDraft): void {
  const asked = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  const graceSeconds = draft.memory.evicted ? Math.min(asked, EVICTION_GRACE_SECONDS) : asked;
  const alive = containersOf(pod).flatMap((target) => {
    const state = runtime?.containers.get(target.container.name);
    return state && state.state !== 'exited' ? [{ target, state }] : [];
  });
  const first = alive.filter(({ target }) => target.kind !== 'sidecar');
  for (const { target, state } of first.length > 0 ? first : alive) stop(target, state, graceSeconds, draft);
  if (alive.length > 0) return;
  if (runtime?.sandbox && runtime.sandbox.state !== 'stopped') {
    if (runtime.sandbox.state !== 'stopping') draft.actions.push({ type: 'stopSandbox' });
    return;
  }
  draft.memory = { ...draft.memory, finished: true };
}
