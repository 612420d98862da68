import type { KeyToPath, Pod, Volume } from '@pilothouse/api';
import type { VolumeFiles } from '../runtime/container-runtime.ts';
import { NODE_HOSTS } from './container-files.ts';
import { fieldRefValue, resourceFieldValue } from './field-ref.ts';
import type { HostFacts } from './field-ref.ts';
import type { LookupResult, ObjectLookup, ReferencedKind } from './object-lookup.ts';
import type { TokenLookup } from './pod-tokens.ts';

export type VolumeResult =
  | { readonly state: 'ready'; readonly files: VolumeFiles }
  | { readonly state: 'pending' }
  | { readonly state: 'failed'; readonly message: string };

export interface MountPlan {
  readonly files: ReadonlyMap<string, VolumeFiles>;
  readonly pending: boolean;
  /** For FailedMount events, as upstream words them. */
  readonly failures: readonly string[];
}

/** What every volume of the pod holds. Those that need no other object (emptyDir, hostPath, claims) are left to it. */
export function planMounts(
  pod: Pod,
  podIPs: readonly string[],
  host: HostFacts,
  lookup: ObjectLookup,
  tokens: TokenLookup,
): MountPlan {
  const files = new Map<string, VolumeFiles>();
  const failures: string[] = [];
  let pending = false;
  for (const volume of pod.spec.volumes ?? []) {
    const result = planVolume(pod, volume, podIPs, host, lookup, tokens);
    if (result.state === 'ready') files.set(volume.name, result.files);
    else if (result.state === 'pending') pending = true;
    else failures.push(`MountVolume.SetUp failed for volume "${volume.name}" : ${result.message}`);
  }
  return { files, pending, failures };
}

function planVolume(
  pod: Pod,
  volume: Volume,
  podIPs: readonly string[],
  host: HostFacts,
  lookup: ObjectLookup,
  tokens: TokenLookup,
): VolumeResult {
  const { configMap, secret, projected, downwardAPI } = volume;
  const keyed = (
    kind: ReferencedKind,
    source: { name: string; items?: KeyToPath[]; optional?: boolean },
  ): VolumeResult =>
    selectKeys(kind, lookup(kind, pod.metadata.namespace ?? '', source.name), source.items, source.optional);
  const downward = (items: NonNullable<typeof downwardAPI>['items'] = []): VolumeResult => {
    const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    const values = items.map(({ path, fieldRef, resourceFieldRef }): [string, string] => {
      const container = all.find(({ name }) => name === resourceFieldRef?.containerName);
      const amount =
        resourceFieldRef &&
        container &&
        resourceFieldValue(container, resourceFieldRef.resource, resourceFieldRef.divisor, host);
      return [path, (fieldRef ? fieldRefValue(pod, fieldRef.fieldPath, podIPs, host) : amount) ?? ''];
    });
    return { state: 'ready', files: Object.fromEntries(values) };
  };
  if (configMap) return keyed('configmap', { ...configMap, name: configMap.name ?? '' });
  if (secret) return keyed('secret', { ...secret, name: secret.secretName ?? '' });
  if (downwardAPI) return downward(downwardAPI.items);
  // Of a node's own files a pod may mount the one that every node has.
  if (volume.hostPath?.path === '/etc/hosts') return { state: 'ready', files: { '': NODE_HOSTS } };
  if (!projected) return { state: 'ready', files: undefined };
  const parts = (projected.sources ?? []).map((source): VolumeResult => {
    if (source.configMap) return keyed('configmap', { ...source.configMap, name: source.configMap.name ?? '' });
    if (source.secret) return keyed('secret', { ...source.secret, name: source.secret.name ?? '' });
    if (source.serviceAccountToken)
      return tokenFile(source.serviceAccountToken.path, tokens(source.serviceAccountToken));
    return source.downwardAPI ? downward(source.downwardAPI.items) : { state: 'ready', files: {} };
  });
  return merge(parts);
}

function tokenFile(path: string, result: LookupResult): VolumeResult {
  return result.state === 'found' ? { state: 'ready', files: { [path]: result.data['token'] ?? '' } } : result;
}

function merge(parts: readonly VolumeResult[]): VolumeResult {
  const files: Record<string, string> = {};
  for (const part of parts) {
    if (part.state !== 'ready') return parts.find(({ state }) => state === 'failed') ?? part;
    Object.assign(files, part.files);
  }
  return { state: 'ready', files };
}

function selectKeys(
  kind: ReferencedKind,
  result: LookupResult,
  items: readonly KeyToPath[] = [],
  optional = false,
): VolumeResult {
  if (result.state === 'pending') return result;
  if (result.state === 'failed') return optional && result.notFound ? { state: 'ready', files: {} } : result;
  if (items.length === 0) return { state: 'ready', files: result.data };
  const files: Record<string, string> = {};
  for (const { key, path } of items) {
    if (Object.hasOwn(result.data, key)) files[path] = result.data[key]!;
    else if (!optional)
      return {
        state: 'failed',
        message: `references non-existent ${kind === 'configmap' ? 'config' : 'secret'} key: ${key}`,
      };
  }
  return { state: 'ready', files };
}
