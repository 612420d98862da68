import type { Get, List, Operation } from './operation.ts';
import type { StoreHistory } from './store-history.ts';

type Read = Get | List;

/** The revisions of the store at which a read can have been answered: from what was known to what was not yet written. */
interface Bounds {
  readonly first: number;
  readonly end: number;
}

/**
 * Reads that went back in time, ahead of it, or saw what never was. A consistent read must show a state not older than anything that
 * anybody knew of before it began: every write acknowledged and every version read by then, through whichever server.
 */
export function staleReads(operations: readonly Operation[], history: StoreHistory): string[] {
  const known = knownRevisions(operations);
  const unwritten = unwrittenRevisions(operations);
  return operations.flatMap((operation) => {
    if (operation.kind !== 'get' && operation.kind !== 'list') return [];
    const bounds = {
      first: lastBefore(known, operation.startMs) ?? 0,
      end: firstFrom(unwritten, operation.endMs) ?? Infinity,
    };
    return operation.kind === 'list' ? staleList(operation, history, bounds) : staleGet(operation, history, bounds);
  });
}

function staleGet(read: Get, history: StoreHistory, { first, end }: Bounds): string[] {
  const { key, found } = read;
  if (history.wasBetween(key, found?.resourceVersion, first, end)) return [];
  const what = found ? `at ${found.resourceVersion}` : 'as absent';
  if (!history.everWas(key, found?.resourceVersion)) return [`${name(read)} showed ${key} ${what}, as it never was`];
  return [`${name(read)} showed ${key} ${what}, which was past when ${first} was known, or before ${end} was written`];
}

function staleList(read: List, history: StoreHistory, { first, end }: Bounds): string[] {
  const { resourceVersion, items } = read;
  if (resourceVersion < first) return [`${name(read)} was of ${resourceVersion} when ${first} was known`];
  if (resourceVersion >= end) return [`${name(read)} was of ${resourceVersion} before ${end} was written`];
  const shown = new Map(items.map((item) => [item.key, item.resourceVersion]));
  return [...history.snapshot(resourceVersion)].flatMap(([key, standing]) => {
    const seen = shown.get(key);
    return seen === standing
      ? []
      : [`${name(read)} at ${resourceVersion} showed ${key} at ${seen}, it was at ${standing}`];
  });
}

interface Moment {
  readonly atMs: number;
  readonly revision: number;
}

/** Ever newer revisions, and since when somebody knew of them. */
function knownRevisions(operations: readonly Operation[]): Moment[] {
  const learnt = operations
    .map((operation) => ({ atMs: operation.endMs, revision: learntFrom(operation) }))
    .filter(({ revision }) => revision > 0)
    .sort((a, b) => a.atMs - b.atMs);
  let newest = 0;
  return learnt.map(({ atMs, revision }) => ({ atMs, revision: (newest = Math.max(newest, revision)) }));
}

function learntFrom(operation: Operation): number {
  if (operation.kind === 'get') return operation.found?.resourceVersion ?? 0;
  if (operation.kind === 'list') return operation.resourceVersion;
  return operation.outcome === 'acknowledged' ? (operation.resourceVersion ?? 0) : 0;
}

/** The oldest revision that was surely not written yet, for every moment: that of a write which was begun later. */
function unwrittenRevisions(operations: readonly Operation[]): Moment[] {
  const begun = operations
    .filter(({ kind }) => kind !== 'get' && kind !== 'list')
    .map((operation) => ({ atMs: operation.startMs, revision: learntFrom(operation) }))
    .filter(({ revision }) => revision > 0)
    .sort((a, b) => b.atMs - a.atMs);
  let oldest = Infinity;
  return begun.map(({ atMs, revision }) => ({ atMs, revision: (oldest = Math.min(oldest, revision)) })).reverse();
}

function lastBefore(moments: readonly Moment[], momentMs: number): number | undefined {
  return moments[countBefore(moments, momentMs) - 1]?.revision;
}

function firstFrom(moments: readonly Moment[], momentMs: number): number | undefined {
  return moments[countBefore(moments, momentMs)]?.revision;
}

function countBefore(moments: readonly Moment[], momentMs: number): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle]!.atMs < momentMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function name({ client, kind, startMs }: Read): string {
  return `${client}: ${kind} at ${startMs.toFixed(0)} ms`;
}
