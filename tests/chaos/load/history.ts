/** What an independent watcher saw of one resource: an event, or (`LISTED`) an object when it had to list. */
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
export function disorderIn(seen: readonly SeenEvent[]): string[] {
  const events = seen.filter(({ type }) => type !== 'LISTED');
  return events.flatMap((event, index) => {
    const before = events[index - 1];
    if (!before || event.resourceVersion > before.resourceVersion) return [];
    return [`${event.name} at ${event.resourceVersion} came after ${before.name} at ${before.resourceVersion}`];
  });
}

/**
 * Acknowledged writes that no event tells of, or another than what was written. Where the watcher had to list, the list
 * stands for the events before it: it must show that write of the object or a later one.
 */
export function lostWrites(acknowledged: readonly Acknowledged[], events: readonly SeenEvent[]): string[] {
  const seen = new Map(events.map((event) => [event.resourceVersion, event]));
  const listed = events.filter(({ type }) => type === 'LISTED');
  return acknowledged.flatMap(({ name, sequence, resourceVersion }) => {
    const event = seen.get(resourceVersion);
    if (!event) {
      const later = listed.find((each) => each.name === name && each.resourceVersion > resourceVersion);
      if (later && Number(later.object['data']?.sequence) > sequence) return [];
      return [`${name}: no event for write ${sequence} at ${resourceVersion}`];
    }
    const there = Number(event.object['data']?.sequence);
    return event.name === name && there === sequence
      ? []
      : [`${name}: write ${sequence} reads as ${event.name} ${there}`];
  });
}

/** A writer's sequence must only grow: a smaller number later means that a write was undone. */
export function undoneWrites(events: readonly SeenEvent[]): string[] {
  const newest = new Map<string, number>();
  return events.flatMap(({ name, object, type }) => {
    const sequence = Number(object['data']?.sequence);
    const before = newest.get(name) ?? -1;
    newest.set(name, sequence);
    const undone = type === 'LISTED' ? sequence < before : sequence <= before;
    return type !== 'DELETED' && undone ? [`${name} went from ${before} to ${sequence}`] : [];
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
