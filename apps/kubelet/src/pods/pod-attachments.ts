import { persistentvolumeclaims, persistentvolumes } from '@pilothouse/api';
import type { Pod } from '@pilothouse/api';
import { isNotFound } from '@pilothouse/apimachinery';
import type { Clock } from '@pilothouse/component';
import type { PodHost } from '../node/pod-host.ts';
import type { DriverDirectory } from './driver-directory.ts';

export interface PodAttachmentsOptions {
  readonly host: PodHost;
  readonly clock: Clock;
  readonly pod: Pod;
  readonly drivers: DriverDirectory;
  readonly wake: () => void;
}

/** Between two tries to read a claim or its volume. */
const RETRY_MS = 1_000;

/**
 * Which of a pod's volumes wait for the attach-detach controller. A volume may be mounted once the node's status says
 * that it is in use, which we write, and that it is attached, which the controller writes. Upstream: the volume
 * manager's VerifyControllerAttachedVolume.
 */
export class PodAttachments {
  readonly #options: PodAttachmentsOptions;
  /** Name in the pod → id in the status of nodes; only volumes that are to be attached. */
  #ids: ReadonlyMap<string, string> | undefined;
  #resolving = false;
  #released = false;

  constructor(options: PodAttachmentsOptions) {
    this.#options = options;
  }

  /** Names of volumes that are not attached yet; undefined while that is not known, and the pod is woken when it is. */
  unattached(): readonly string[] | undefined {
    if (!this.#ids && this.#claims().length === 0) return [];
    if (!this.#ids && this.#options.drivers.isEmpty) return [];
    if (!this.#ids) {
      if (!this.#resolving) void this.#resolve();
      return undefined;
    }
    const { volumesAttached = [], volumesInUse = [] } = this.#options.host.node().status ?? {};
    const isThere = (id: string): boolean =>
      volumesInUse.includes(id) && volumesAttached.some(({ name }) => name === id);
    return [...this.#ids].filter(([, id]) => !isThere(id)).map(([name]) => name);
  }

  /** Nothing of the pod is mounted any more. */
  release(): void {
    this.#released = true;
    this.#options.host.useVolumes(this.#options.pod.metadata.uid ?? '', []);
  }

  async #resolve(): Promise<void> {
    const { host, pod, drivers, wake } = this.#options;
    this.#resolving = true;
    await drivers.known;
    const ids = new Map<string, string>();
    for (const { name, claim } of this.#claims()) {
      const id = await this.#idOf(claim);
      if (id !== undefined) ids.set(name, id);
    }
    this.#resolving = false;
    if (this.#released) return;
    this.#ids = ids;
    host.useVolumes(pod.metadata.uid ?? '', [...ids.values()]);
    wake();
  }

  #claims(): { readonly name: string; readonly claim: string }[] {
    const { metadata, spec } = this.#options.pod;
    return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
      if (persistentVolumeClaim) return [{ name, claim: persistentVolumeClaim.claimName }];
      return ephemeral ? [{ name, claim: `${metadata.name}-${name}` }] : [];
    });
  }

  /** Undefined when nothing is to be attached. An apiserver that cannot be asked is asked again. */
  async #idOf(claim: string): Promise<string | undefined> {
    const { host, clock, pod, drivers } = this.#options;
    const { namespace = '' } = pod.metadata;
    while (!this.#released) {
      try {
        const { spec } = await host.client.resource(persistentvolumeclaims).get(claim, { namespace });
        if (!spec.volumeName || drivers.isEmpty) return undefined;
        const { csi } = (await host.client.resource(persistentvolumes).get(spec.volumeName)).spec;
        return csi && drivers.attaches(csi.driver) ? `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}` : undefined;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        await clock.sleep(RETRY_MS);
      }
    }
    return undefined;
  }
}
