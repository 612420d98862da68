import { objectKey } from '@pilothouse/apimachinery';
import type { DeviceRequestAllocationResult, ResourceClaim } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import type { ClusterListers } from '../framework/listers.ts';

const POLL_INTERVAL_MS = 1000;

export interface BindingConditionsContext {
  readonly listers: Pick<ClusterListers, 'resourceClaims'>;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * Some devices have to be attached to the node first: their driver says when in conditions of the claim's status. Throws
 * when it reports a failure, or does not report in time. KEP-5007.
 */
export async function waitForBindingConditions(
  claims: readonly ResourceClaim[],
  { listers, clock, timeoutMs }: BindingConditionsContext,
): Promise<void> {
  const waiting = claims.filter(({ status }) =>
    status?.allocation?.devices?.results?.some(({ bindingConditions }) => bindingConditions?.length),
  );
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  while (waiting.length > 0) {
    const open = waiting.filter((claim) => {
      const current = listers.resourceClaims.get(objectKey(claim)) ?? claim;
      return (current.status?.allocation?.devices?.results ?? []).some((result) => !isBound(current, result));
    });
    if (open.length === 0) return;
    if (clock.monotonicMs() >= deadlineMs) throw new Error('device binding timeout');
    await new Promise<void>((resolve) => void clock.after(POLL_INTERVAL_MS, resolve));
  }
}

function isBound(claim: ResourceClaim, result: DeviceRequestAllocationResult): boolean {
  const { driver, pool, device, bindingConditions = [], bindingFailureConditions = [] } = result;
  if (bindingConditions.length === 0) return true;
  const status = claim.status?.devices?.find(
    (each) => each.driver === driver && each.pool === pool && each.device === device,
  );
  const holds = (type: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
  const failure = bindingFailureConditions.find(holds);
  if (failure) throw new Error(`claim ${claim.metadata.name} binding failed: ${failure}`);
  return bindingConditions.every(holds);
}
