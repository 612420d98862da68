import type { ServiceCIDR } from '@pilothouse/api';
import type { ResourceStore } from '@pilothouse/storage';
import { LiveObjects } from '../registry/live-objects.ts';
import { type IpFamily, IpRange } from './ip-range.ts';

/** Made of `--service-cluster-ip-range` by the first apiserver. */
export const DEFAULT_SERVICE_CIDR = 'kubernetes';

/**
 * The ranges that cluster IPs come from at the moment: those of all ServiceCIDRs that are ready.
 * https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/
 */
export class ServiceIpRanges {
  /** Those of `--service-cluster-ip-range`. */
  readonly configured: readonly IpRange[];
  readonly #cidrs: LiveObjects<ServiceCIDR>;
  readonly #rangesOf = new Map<string, readonly IpRange[]>();

  constructor(store: ResourceStore, configured: readonly IpRange[]) {
    this.configured = configured;
    this.#cidrs = new LiveObjects<ServiceCIDR>(store, (before, after) => {
      const name = (after ?? before)?.metadata.name ?? '';
      if (after && isReady(after))
        this.#rangesOf.set(
          name,
          (after.spec.cidrs ?? []).map((cidr) => new IpRange(cidr)),
        );
      else this.#rangesOf.delete(name);
    });
  }

  /** The default range first: further ones are for when it is full, and are easier to give up again. */
  async of(family: IpFamily): Promise<IpRange[]> {
    await this.#cidrs.ready;
    const { [DEFAULT_SERVICE_CIDR]: named, ...others } = Object.fromEntries(this.#rangesOf);
    // While a cluster starts, the default one is not there yet, or has not been seen.
    const first = named ?? (this.#cidrs.get(`/${DEFAULT_SERVICE_CIDR}`) ? [] : this.configured);
    return [first, ...Object.values(others)].flat().filter((range) => range.family === family);
  }

  close(): void {
    this.#cidrs.close();
  }
}

/** One that nobody has judged counts as ready: the controller that does may not run. */
function isReady({ metadata, status }: ServiceCIDR): boolean {
  if (metadata.deletionTimestamp) return false;
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'False';
}
