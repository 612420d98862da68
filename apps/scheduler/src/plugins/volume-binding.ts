import { deepEqual } from '@pilothouse/apimachinery';
import type { CSIDriver, CSIStorageCapacity, Node, PersistentVolumeClaim, Pod, StorageClass } from '@pilothouse/api';
import { PodInfo } from '../cache/pod-info.ts';
import { readArgs } from '../config/plugin-args.ts';
import { Action } from '../framework/cluster-event.ts';
import { stateKey } from '../framework/cycle-state.ts';
import type { FrameworkHandle } from '../framework/handle.ts';
import type { PluginFactory } from '../framework/plugin.ts';
import { SKIP, unresolvable } from '../framework/status.ts';
import { bindVolumes } from '../volumes/bind-volumes.ts';
import { findVolume, volumeFitsNode } from '../volumes/find-volume.ts';
import { claimProblem, podClaims, SELECTED_NODE, type PodClaims } from '../volumes/pod-claims.ts';
import { canProvision, limitOf } from '../volumes/provisioning.ts';
import { AssumedVolumes, type VolumeDecisions } from '../volumes/volume-decisions.ts';

const NODE_CONFLICT = 'node(s) had volume node affinity conflict';
const BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
const NOT_ENOUGH_SPACE = 'node(s) did not have enough free storage';
const VOLUME_MISSING = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';
const UNBOUND_IMMEDIATE = 'pod has unbound immediate PersistentVolumeClaims';
const DEFAULT_BIND_TIMEOUT_SECONDS = 600;

interface VolumeBindingArgs {
  bindTimeoutSeconds?: number;
  /** Scores by free storage; upstream has it behind an alpha gate. Accepted without effect. */
  shape?: unknown;
}

interface VolumeState {
  readonly claims: PodClaims;
  /** By node that fits. */
  readonly decisions: Map<string, VolumeDecisions>;
}

const volumesKey = stateKey<VolumeState>('VolumeBinding');

/**
 * Chooses nodes from which the pod's bound volumes can be reached and where its unbound ones can be had, and has the
 * latter bound before the pod. https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
 */
export const volumeBinding: PluginFactory = {
  name: 'VolumeBinding',
  build(args, handle) {
    const config = readArgs<VolumeBindingArgs>('VolumeBindingArgs', args, ['bindTimeoutSeconds', 'shape']);
    const timeoutMs = (config.bindTimeoutSeconds ?? DEFAULT_BIND_TIMEOUT_SECONDS) * 1000;
    if (timeoutMs < 0) throw new Error('bindTimeoutSeconds: Invalid value: must be greater than or equal to 0');
    const { listers, api, clock } = handle;
    const assumed = new AssumedVolumes();

    return {
      name: 'VolumeBinding',
      preFilter(state, pod) {
        if (pod.claimKeys.length === 0) return { status: SKIP };
        const problem = claimProblem(pod.pod, listers);
        if (problem !== undefined) return { status: unresolvable(problem) };
        const claims = podClaims(pod.claimKeys, listers);
        if (claims.immediate.length > 0) return { status: unresolvable(UNBOUND_IMMEDIATE) };
        state.write(volumesKey, { claims, decisions: new Map() });
        return undefined;
      },
      filter(state, _pod, { node, name }) {
        const { claims, decisions } = state.mustRead(volumesKey);
        const reasons = boundProblems(claims.bound, node, handle);
        const planned = planUnbound(claims.delayed, node, handle, assumed);
        if (typeof planned === 'string') reasons.push(planned);
        if (reasons.length > 0) return unresolvable(...reasons);
        if (typeof planned !== 'string') decisions.set(name, planned);
        return undefined;
      },
      reserve(state, _pod, nodeName) {
        const decisions = state.read(volumesKey)?.decisions.get(nodeName);
        if (decisions) assumed.assume(decisions, nodeName);
        return undefined;
      },
      unreserve(state, _pod, nodeName) {
        const decisions = state.read(volumesKey)?.decisions.get(nodeName);
        if (decisions) assumed.forget(decisions);
      },
      async preBind(state, pod, nodeName) {
        const decisions = state.read(volumesKey)?.decisions.get(nodeName);
        if (!decisions || decisions.bindings.length + decisions.provisions.length === 0) return undefined;
        await bindVolumes(decisions, pod.claimKeys, nodeName, { api, clock, listers, timeoutMs });
        return undefined;
      },
      postBind(state, _pod, nodeName) {
        const decisions = state.read(volumesKey)?.decisions.get(nodeName);
        if (decisions) assumed.forget(decisions);
      },
      events: [
        {
          resource: 'StorageClass',
          actions: Action.Add | Action.Update,
          hint: (_pod, before, after) =>
            !before || !deepEqual((before as StorageClass).allowedTopologies, (after as StorageClass).allowedTopologies)
              ? 'Queue'
              : 'QueueSkip',
        },
        {
          resource: 'PersistentVolumeClaim',
          actions: Action.Add | Action.Update,
          hint: (pod, _before, after) => (uses(pod, after as PersistentVolumeClaim) ? 'Queue' : 'QueueSkip'),
        },
        { resource: 'PersistentVolume', actions: Action.Add | Action.Update },
        { resource: 'Node', actions: Action.Add | Action.UpdateNodeLabel },
        { resource: 'CSINode', actions: Action.Add | Action.Update },
        {
          resource: 'CSIDriver',
          actions: Action.Update,
          hint: (_pod, before, after) =>
            (before as CSIDriver).spec?.storageCapacity && !(after as CSIDriver).spec?.storageCapacity
              ? 'Queue'
              : 'QueueSkip',
        },
        {
          resource: 'CSIStorageCapacity',
          actions: Action.Add | Action.Update,
          hint: (_pod, before, after) =>
            !before || limitOf(after as CSIStorageCapacity) > limitOf(before as CSIStorageCapacity)
              ? 'Queue'
              : 'QueueSkip',
        },
      ],
    };
  },
};

function boundProblems(claims: readonly PersistentVolumeClaim[], node: Node, { listers }: FrameworkHandle): string[] {
  let [conflict, missing] = [false, false];
  for (const claim of claims) {
    const volume = listers.persistentVolumes.get(claim.spec!.volumeName!);
    if (!volume) missing = true;
    else if (!volumeFitsNode(volume, node)) conflict = true;
  }
  return [...(conflict ? [NODE_CONFLICT] : []), ...(missing ? [VOLUME_MISSING] : [])];
}

/** For each unbound claim a volume that is there, or leave to make one; or the reason why neither is possible. */
function planUnbound(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  { listers }: FrameworkHandle,
  assumed: AssumedVolumes,
): VolumeDecisions | string {
  const bindings: { claim: PersistentVolumeClaim; volume: NonNullable<ReturnType<typeof findVolume>> }[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  const taken = new Set<string>();
  for (const claim of claims) {
    const selected = assumed.selectedNode(claim) ?? claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== node.metadata.name) return BIND_CONFLICT;
    const volume =
      selected === undefined
        ? findVolume(
            claim,
            listers.persistentVolumes.list(),
            node,
            (name) => taken.has(name) || assumed.isTaken(name, claim),
          )
        : undefined;
    if (volume) {
      taken.add(volume.metadata.name!);
      bindings.push({ claim, volume });
      continue;
    }
    const answer = canProvision(claim, node, listers);
    if (answer === 'no') return BIND_CONFLICT;
    if (answer === 'notEnoughStorage') return NOT_ENOUGH_SPACE;
    provisions.push(claim);
  }
  return { bindings, provisions };
}

function uses(pod: Pod, claim: PersistentVolumeClaim): boolean {
  return new PodInfo(pod).claimKeys.includes(`${claim.metadata.namespace}/${claim.metadata.name}`);
}
