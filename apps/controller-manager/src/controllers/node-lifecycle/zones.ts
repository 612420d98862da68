import type { Node } from '@pilothouse/api';
import { TokenBucket } from '@pilothouse/client';
import type { Clock } from '@pilothouse/component';
import { readyStatusOf } from './plan.ts';

/** How fast nodes are given up, by upstream's flag names. Rates are nodes per second. */
export interface EvictionRates {
  readonly nodeEvictionRate: number;
  readonly secondaryNodeEvictionRate: number;
  readonly unhealthyZoneThreshold: number;
  readonly largeClusterSizeThreshold: number;
}

export type ZoneState = 'normal' | 'partial-disruption' | 'full-disruption';

/** `partial-disruption`: so many of the zone's nodes are not ready that the fault may not be theirs. */
export function zoneStateOf(ready: number, notReady: number, { unhealthyZoneThreshold }: EvictionRates): ZoneState {
  if (ready === 0 && notReady > 0) return 'full-disruption';
  return notReady > 2 && notReady / (ready + notReady) >= unhealthyZoneThreshold ? 'partial-disruption' : 'normal';
}

/** A zone that is only partly in trouble loses nodes slowly, a small one none at all. */
export function rateOf(state: ZoneState, nodes: number, rates: EvictionRates): number {
  if (state !== 'partial-disruption') return rates.nodeEvictionRate;
  return nodes > rates.largeClusterSizeThreshold ? rates.secondaryNodeEvictionRate : 0;
}

interface Zone {
  ready: number;
  notReady: number;
  rate: number;
  bucket: TokenBucket;
}

/**
 * Which nodes of which zone are ready, and how fast pods may be driven from those that are not: a zone that has lost its
 * network must not lose its pods as well. Mirrors the zone states of pkg/controller/nodelifecycle.
 * https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction
 */
export class Zones {
  private readonly rates: EvictionRates;
  private readonly clock: Clock;
  private readonly zones = new Map<string, Zone>();
  private readonly nodes = new Map<string, { readonly zone: string; readonly isReady: boolean }>();

  constructor(rates: EvictionRates, clock: Clock) {
    this.rates = rates;
    this.clock = clock;
  }

  observe(node: Node): void {
    const name = node.metadata.name ?? '';
    const next = { zone: zoneNameOf(node), isReady: readyStatusOf(node) === 'True' };
    const before = this.nodes.get(name);
    if (before?.zone === next.zone && before.isReady === next.isReady) return;
    this.forget(name);
    this.nodes.set(name, next);
    const zone = this.zones.get(next.zone) ?? this.newZone();
    this.zones.set(next.zone, zone);
    if (next.isReady) zone.ready++;
    else zone.notReady++;
    this.adjust(zone);
  }

  forget(name: string): void {
    const known = this.nodes.get(name);
    if (!known) return;
    this.nodes.delete(name);
    const zone = this.zones.get(known.zone)!;
    if (known.isReady) zone.ready--;
    else zone.notReady--;
    if (zone.ready + zone.notReady === 0) this.zones.delete(known.zone);
    else this.adjust(zone);
  }

  /** No node anywhere is ready: it is rather the apiserver, or this process, that cannot be reached. */
  get isAllDisrupted(): boolean {
    const zones = [...this.zones.values()];
    return zones.length > 0 && zones.every((zone) => this.stateOf(zone) === 'full-disruption');
  }

  /** Whether the node may be given up now, which counts against the rate of its zone. */
  tryTake(node: Node): boolean {
    const zone = this.zones.get(zoneNameOf(node));
    return zone !== undefined && zone.rate > 0 && zone.bucket.tryTake();
  }

  private stateOf({ ready, notReady }: Zone): ZoneState {
    return zoneStateOf(ready, notReady, this.rates);
  }

  private newZone(): Zone {
    const rate = this.rates.nodeEvictionRate;
    return { ready: 0, notReady: 0, rate, bucket: this.newBucket(rate) };
  }

  private newBucket(perSecond: number): TokenBucket {
    return new TokenBucket({ perSecond, burst: 1, clock: this.clock });
  }

  private adjust(zone: Zone): void {
    const rate = rateOf(this.stateOf(zone), zone.ready + zone.notReady, this.rates);
    if (rate === zone.rate) return;
    // A new rate gives nobody a second turn.
    const wasWaiting = zone.rate > 0 && !zone.bucket.tryTake();
    zone.rate = rate;
    zone.bucket = this.newBucket(rate);
    if (wasWaiting) zone.bucket.tryTake();
  }
}

function zoneNameOf({ metadata: { labels } }: Node): string {
  return `${labels?.['topology.kubernetes.io/region'] ?? ''}/${labels?.['topology.kubernetes.io/zone'] ?? ''}`;
}
