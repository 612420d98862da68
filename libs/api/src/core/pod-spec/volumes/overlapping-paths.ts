import type { Volume, VolumeProjection } from '@pilothouse/api';

interface File {
  readonly path: string;
  /** What puts the file there, where a volume has several sources. */
  readonly source: string;
}

interface Item {
  readonly path?: string;
}

/** Files of one volume that are written to one place, or one where the other needs a directory. */
export function overlapWarnings(volumes: readonly Volume[], warnings: string[]): void {
  for (const { name, configMap, secret, downwardAPI, projected } of volumes) {
    const warn = (what: string, files: readonly File[]): void => {
      for (const pair of overlapsOf(files)) {
        warnings.push(`volume ${JSON.stringify(name)} (${what}): overlapping paths: ${pair}`);
      }
    };
    if (configMap?.items) warn(named('ConfigMap', configMap.name), filesOf(configMap.items));
    if (secret?.items) warn(named('Secret', secret.secretName), filesOf(secret.items));
    if (downwardAPI?.items) warn('DownwardAPI', filesOf(downwardAPI.items));
    for (const source of projected?.sources ?? []) {
      if (Object.values(source).every((each) => each === undefined)) {
        warnings.push(`volume ${JSON.stringify(name)} (Projected) has no sources provided`);
      }
    }
    if (projected) warn('Projected', (projected.sources ?? []).flatMap(projectedFiles));
  }
}

const named = (kind: string, name = ''): string => `${kind} ${JSON.stringify(name)}`;

const filesOf = (items: readonly Item[], source = ''): File[] => items.map(({ path = '' }) => ({ path, source }));

function projectedFiles(source: VolumeProjection): File[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
  if (configMap?.items) return filesOf(configMap.items, named('ConfigMap', configMap.name));
  if (secret?.items) return filesOf(secret.items, named('Secret', secret.name));
  if (downwardAPI?.items) return filesOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken) return filesOf([serviceAccountToken], 'ServiceAccountToken');
  if (clusterTrustBundle) {
    const { name, signerName } = clusterTrustBundle;
    return filesOf([clusterTrustBundle], named('ClusterTrustBundle', name ?? signerName));
  }
  if (!podCertificate) return [];
  const { certificateChainPath, keyPath, credentialBundlePath } = podCertificate;
  return [
    { path: certificateChainPath ?? '', source: 'PodCertificate chain' },
    { path: keyPath ?? '', source: 'PodCertificate key' },
    { path: credentialBundlePath ?? '', source: 'PodCertificate credential bundle' },
  ].filter(({ path }) => path !== '');
}

/** `later with earlier`, for each pair where one is the other or would be a directory above it. */
function overlapsOf(files: readonly File[]): string[] {
  const trimmed = files.map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source }));
  return trimmed.flatMap((file, index) =>
    trimmed
      .slice(0, index)
      .filter((other) => isWithin(file, other) || isWithin(other, file))
      .map((other) => `${shown(file)} with ${shown(other)}`),
  );
}

const isWithin = ({ path }: File, { path: above }: File): boolean =>
  path !== '' && above !== '' && `${path}/`.startsWith(`${above}/`);

const shown = ({ path, source }: File): string => JSON.stringify(path) + (source ? ` (${source})` : '');
