/** What an independent watcher saw of one resource. */
export interface SeenEvent {
  readonly type: string;
  readonly resourceVersion: number;
  readonly name: string;
  readonly uid: string;
  readonly object: Record<string, any>;
  readonly atMs: number;
}

/** A write that the server has answered with success. */
export interface Acknowledged {
  readonly name: string;
  readonly sequence: number;
  readonly resourceVersion: number;
}

/** Events out of order or twice. One resource's events carry ever growing resource versions. */
export function disorderIn(events: readonly SeenEvent[]): string[] {
  return events.flatMap((event, index) => {
    const before = events[index - 1];
    if (!before || event.resourceVersion > before.resourceVersion) return [];
    return [`${event.name} at ${event.resourceVersion} came after ${before.name} at ${before.resourceVersion}`];
  });
}

/** Acknowledged writes that no event tells of, or another than what was written. */
export function lostWrites(acknowledged: readonly Acknowledged[], events: readonly SeenEvent[]): string[] {
  const seen = new Map(events.map((event) => [event.resourceVersion, event]));
  return acknowledged.flatMap(({ name, sequence, resourceVersion }) => {
    const event = seen.get(resourceVersion);
    if (!event) return [`${name}: no event for write ${sequence} at ${resourceVersion}`];
    const there = Number(event.object['data']?.sequence);
    return event.name === name && there === sequence ? [] : [`${name}: write ${sequence} reads as ${event.name} ${there}`];
  });
}

/** A writer's sequence must only grow: a smaller number later means that a write was undone. */
export function undoneWrites(events: readonly SeenEvent[]): string[] {
  const newest = new Map<string, number>();
  return events.flatMap(({ name, object, type }) => {
    const sequence = Number(object['data']?.sequence);
    const before = newest.get(name) ?? -1;
    newest.set(name, sequence);
    return type !== 'DELETED' && sequence <= before ? [`${name} went from ${before} to ${sequence}`] : [];
  });
}

/** Pods that were on one node and then on another. */
export function boundTwice(events: readonly SeenEvent[]): string[] {
  const nodes = new Map<string, string>();
  return events.flatMap(({ uid, name, object }) => {
    const node = object['spec']?.nodeName as string | undefined;
    const before = nodes.get(uid);
    if (node) nodes.set(uid, node);
    return before !== undefined && before !== node ? [`${name} moved from ${before} to ${node ?? 'nowhere'}`] : [];
  });
}

export interface Takeover {
  readonly from: string;
  readonly to: string;
  /** Between the last renewal of the one and the acquisition by the other, as the lease itself says. */
  readonly silenceMs: number;
  readonly released: boolean;
}

/** Every change of a lease's holder, in order. */
export function takeovers(events: readonly SeenEvent[], leaseName: string): Takeover[] {
  let holder = '';
  let renewedMs = 0;
  let released = false;
  return events.flatMap(({ name, object }) => {
    if (name !== leaseName) return [];
    const { holderIdentity = '', renewTime = '', acquireTime = '' } = object['spec'];
    if (holderIdentity === '') {
      released = true;
      return [];
    }
    const change =
      holder !== '' && holderIdentity !== holder
        ? [{ from: holder, to: holderIdentity, silenceMs: Date.parse(acquireTime) - renewedMs, released }]
        : [];
    holder = holderIdentity;
    renewedMs = Date.parse(renewTime);
    released = false;
    return change;
  });
}
