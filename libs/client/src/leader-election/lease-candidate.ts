import { isNotFound } from '@pilothouse/apimachinery';
import { leases, type Lease, type LeaseSpec } from '@pilothouse/api';
import type { Clock } from '@pilothouse/component';
import type { KubeClient } from '../contract.ts';
import { heldBy, leaseWith, mayTake, released, sameRecord, type Observation } from './lease-record.ts';

export interface LeaseCandidateOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly onNewLeader?: (identity: string) => void;
}

/** One candidate's view of the lease and its attempts to hold it. */
export class LeaseCandidate {
  readonly #options: LeaseCandidateOptions;
  #lease: Lease | undefined;
  #observation: Observation | undefined;

  constructor(options: LeaseCandidateOptions) {
    this.#options = options;
  }

  /** Takes or renews the lease. False when another holds it; throws when the server fails or someone was faster. */
  async tryHold(signal: AbortSignal): Promise<boolean> {
    const { client, clock, namespace, name, identity, leaseDurationMs } = this.#options;
    const resource = client.resource(leases);
    // A leader knows its own last write; reading first would only double the requests.
    if (this.#lease?.spec?.holderIdentity !== identity) {
      try {
        this.#observe(await resource.get(name, { namespace, signal }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
        const spec = heldBy(identity, undefined, leaseDurationMs, clock.now());
        this.#observe(await resource.create({ metadata: { namespace, name }, spec }, { namespace, signal }));
        return true;
      }
    }
    if (!mayTake(this.#observation!, identity, clock.monotonicMs())) return false;
    const spec = heldBy(identity, this.#lease!.spec, leaseDurationMs, clock.now());
    await this.#update(spec, signal);
    return true;
  }

  async release(signal?: AbortSignal): Promise<void> {
    const { identity, clock } = this.#options;
    if (this.#lease?.spec?.holderIdentity !== identity) return;
    await this.#update(released(this.#lease.spec, clock.now()), signal);
  }

  async #update(spec: LeaseSpec, signal?: AbortSignal): Promise<void> {
    const lease = leaseWith(this.#lease!, spec);
    try {
      this.#observe(await this.#options.client.resource(leases).update(lease, { signal }));
    } catch (error) {
      // Whatever happened, what we believe about the lease may be wrong now: read it next time.
      this.#lease = undefined;
      throw error;
    }
  }

  #observe(lease: Lease): void {
    const { clock, onNewLeader } = this.#options;
    const before = this.#observation?.spec;
    const spec = lease.spec ?? {};
    this.#lease = lease;
    if (before && sameRecord(before, spec)) return;
    this.#observation = { spec, observedAtMs: clock.monotonicMs() };
    if (spec.holderIdentity && spec.holderIdentity !== before?.holderIdentity) onNewLeader?.(spec.holderIdentity);
  }
}
