import type { Container, Pod, Volume } from '@pilothouse/api';

/** Whether the pod needs the object to run: in a volume, an environment variable or to pull its images. */
export function podUses(
  pod: Pod,
  resource: 'secrets' | 'configmaps' | 'persistentvolumeclaims',
  name: string,
): boolean {
  const { spec } = pod;
  if (spec === undefined) return false;
  const volumes = (spec.volumes ?? []) as readonly Volume[];
  if (resource === 'persistentvolumeclaims') {
    return volumes.some(
      (volume) =>
        volume.persistentVolumeClaim?.claimName === name ||
        (volume.ephemeral && `${pod.metadata?.name}-${volume.name}` === name),
    );
  }
  const containers = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...((spec.ephemeralContainers ?? []) as Container[]),
  ];
  if (resource === 'configmaps') {
    return (
      volumes.some(
        (volume) =>
          volume.configMap?.name === name ||
          volume.projected?.sources?.some((source) => source.configMap?.name === name),
      ) ||
      containers.some(
        ({ env, envFrom }) =>
          env?.some(({ valueFrom }) => valueFrom?.configMapKeyRef?.name === name) ||
          envFrom?.some(({ configMapRef }) => configMapRef?.name === name),
      )
    );
  }
  return (
    spec.imagePullSecrets?.some((reference) => reference.name === name) === true ||
    volumes.some((volume) => secretNames(volume).includes(name)) ||
    containers.some(
      ({ env, envFrom }) =>
        env?.some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === name) ||
        envFrom?.some(({ secretRef }) => secretRef?.name === name),
    )
  );
}

/** Every kind of volume that takes a secret, each in its own field. */
function secretNames(volume: Volume): (string | undefined)[] {
  return [
    volume.secret?.secretName,
    ...(volume.projected?.sources ?? []).map((source) => source.secret?.name),
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.storageos?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
  ];
}
