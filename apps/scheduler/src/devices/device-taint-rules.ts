import type { DeviceTaint, DeviceTaintRule } from '@pilothouse/api';
import type { Lister } from '@pilothouse/client';

/** The rules that taint devices from outside; none where the apiserver does not serve them. */
export class DeviceTaintRules {
  #lister: Pick<Lister<DeviceTaintRule>, 'list'> | undefined;

  follow(lister: Pick<Lister<DeviceTaintRule>, 'list'>): void {
    this.#lister = lister;
  }

  list(): readonly DeviceTaintRule[] {
    return this.#lister?.list() ?? [];
  }
}

/** What rules add to the taints that a driver publishes. A rule without selector selects nothing, an empty one all. */
export function taintsByRules(
  rules: readonly DeviceTaintRule[],
  { driver, pool, device }: { readonly driver: string; readonly pool: string; readonly device: string },
): DeviceTaint[] {
  return rules
    .filter(({ spec: { deviceSelector } }) => {
      if (!deviceSelector) return false;
      const matches = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;
      return (
        matches(deviceSelector.driver, driver) &&
        matches(deviceSelector.pool, pool) &&
        matches(deviceSelector.device, device)
      );
    })
    .map(({ spec }) => spec.taint);
}
