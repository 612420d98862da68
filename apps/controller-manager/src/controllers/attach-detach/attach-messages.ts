import type { Pod, VolumeAttachment } from '@pilothouse/api';
import type { AttachableVolume } from './attachable-volume.ts';

/** Upstream's time for an attacher to answer. */
export const ATTACH_TIMEOUT_MS = 120_000;

const nameOf = ({ volume }: AttachableVolume): string => `volume "${volume.metadata.name}"`;

export const attachSucceeded = (volume: AttachableVolume): string =>
  `AttachVolume.Attach succeeded for ${nameOf(volume)} `;

export const attachFailed = (volume: AttachableVolume, problem: string): string =>
  `AttachVolume.Attach failed for ${nameOf(volume)} : ${problem}`;

/** Names only pods of the reader's own namespace: of others it says how many they are. */
export function multiAttachError(volume: AttachableVolume, pod: Pod, users: readonly Pod[]): string {
  const names = users
    .filter(({ metadata }) => metadata.namespace === pod.metadata.namespace)
    .map(({ metadata }) => metadata.name);
  const strangers = users.length - names.length;
  let problem = "Volume is already exclusively attached to one node and can't be attached to another";
  if (names.length > 0) {
    problem = `Volume is already used by pod(s) ${names.join(', ')}`;
    if (strangers > 0) problem += ` and ${strangers} pod(s) in different namespaces`;
  } else if (strangers > 0) problem = `Volume is already used by ${strangers} pod(s) in different namespaces`;
  return `Multi-Attach error for ${nameOf(volume)} ${problem}`;
}

/** What is to be said of an attachment that is not there yet; `mark` differs when it is to be said anew. */
export function attachProblem(
  { driver, handle }: AttachableVolume,
  { metadata, status }: VolumeAttachment,
  now: Date,
): { readonly mark: string; readonly problem: string } | undefined {
  if (metadata.deletionTimestamp) return { mark: 'going', problem: 'volume attachment is being deleted' };
  const { attachError } = status ?? {};
  if (attachError) return { mark: `error/${attachError.time}`, problem: attachError.message ?? '' };
  const timeouts = Math.floor((now.getTime() - Date.parse(metadata.creationTimestamp ?? '')) / ATTACH_TIMEOUT_MS);
  if (!(timeouts > 0)) return undefined;
  const problem = `timed out waiting for external-attacher of ${driver} CSI driver to attach volume ${handle}`;
  return { mark: `timeout/${timeouts}`, problem };
}
