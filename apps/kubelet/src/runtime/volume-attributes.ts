import type { KeyToPath, Pod, Volume } from '@pilothouse/api';
import type { FileAttributes, FileSystemType } from './file-tree.ts';

/** What a volume is mounted as: its file system, its root, and the files that the kubelet writes into it. */
export interface VolumeAttributes {
  readonly fsType: FileSystemType;
  readonly root: FileAttributes;
  fileAt(path: string): FileAttributes;
}

const DEFAULT_MODE = 0o644;

/**
 * Modes and owners as a kubelet sets them: those that the volume asks for, and with an `fsGroup` the group of everything,
 * which may then read it (and write it, where anybody may).
 * https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-the-security-context-for-a-pod
 */
export function volumeAttributes(volume: Volume, { spec }: Pod): VolumeAttributes {
  const { fsGroup, runAsUser } = spec.securityContext ?? {};
  const gid = fsGroup ?? 0;
  const { emptyDir, configMap, secret, downwardAPI, projected } = volume;
  const source = configMap ?? secret ?? downwardAPI ?? projected;
  if (!source) {
    const rootMode = emptyDir ? 0o777 : 0o755;
    const isShared = fsGroup !== undefined && !volume.hostPath;
    return {
      fsType: emptyDir?.medium?.startsWith('Memory') ? 'tmpfs' : 'ext4',
      root: { mode: isShared ? rootMode | 0o2775 : rootMode, uid: 0, gid: isShared ? gid : 0 },
      fileAt: () => ({ mode: DEFAULT_MODE, uid: 0, gid }),
    };
  }
  const isDisk = configMap !== undefined;
  return {
    fsType: isDisk ? 'ext4' : 'tmpfs',
    root: { mode: (isDisk ? 0o777 : 0o1777) | (fsGroup === undefined ? 0 : 0o2000), uid: 0, gid },
    fileAt: (path) => {
      const token = projected?.sources?.find(({ serviceAccountToken }) => serviceAccountToken?.path === path);
      // A token is for the user of the pod alone, where the pod says who that is.
      const isPrivate = token !== undefined && (runAsUser !== undefined || fsGroup !== undefined);
      const asked = isPrivate ? 0o600 : (modeOf(volume, path) ?? source.defaultMode ?? DEFAULT_MODE);
      const mode = fsGroup === undefined ? asked : asked | 0o440;
      return { mode, uid: isPrivate ? (runAsUser ?? 0) : 0, gid };
    },
  };
}

/** The mode that an item asks for. */
function modeOf({ configMap, secret, downwardAPI, projected }: Volume, path: string): number | undefined {
  const keyed = [configMap, secret, ...(projected?.sources ?? []).flatMap((each) => [each.configMap, each.secret])];
  const downward = [downwardAPI, ...(projected?.sources ?? []).map((each) => each.downwardAPI)];
  const items: Pick<KeyToPath, 'path' | 'mode'>[] = [...keyed, ...downward].flatMap((source) => source?.items ?? []);
  return items.find((item) => item.path === path)?.mode;
}
