import { amountOf } from './field-ref.ts';
import type { Requests } from './pod-requests.ts';

/** What a node has, and what its other pods take of it. */
export interface NodeRoom {
  readonly allocatable: Readonly<Record<string, string>>;
  readonly others: readonly Requests[];
}

export interface Lack {
  readonly resource: string;
  readonly message: string;
}

/** The first resource of which too little is left, in upstream's words: millicores, bytes or pieces. */
export function firstLack(requests: Requests, { allocatable, others }: NodeRoom): Lack | undefined {
  for (const [resource, requested] of Object.entries(requests)) {
    if (requested === 0) continue;
    const capacity = amountOf(allocatable[resource] ?? '0');
    const used = others.reduce((sum, each) => sum + (each[resource] ?? 0), 0);
    if (used + requested <= capacity) continue;
    const amounts = [requested, used, capacity].map((amount) => shown(resource, amount));
    const message = `Node didn't have enough resource: ${resource}, requested: ${amounts[0]}, used: ${amounts[1]}, capacity: ${amounts[2]}`;
    return { resource, message };
  }
  return undefined;
}

export function roomLack(requests: Requests, room: NodeRoom): string | undefined {
  return firstLack(requests, room)?.message;
}

/** What the node could not give even if it were empty; only what a resize can change is looked at. */
export function capacityLack(requests: Requests, { allocatable }: NodeRoom): string | undefined {
  for (const resource of ['cpu', 'memory']) {
    const requested = requests[resource] ?? 0;
    const capacity = amountOf(allocatable[resource] ?? '0');
    if (requested > capacity)
      return `Node didn't have enough capacity: ${resource}, requested: ${shown(resource, requested)}, capacity: ${shown(resource, capacity)}`;
  }
  return undefined;
}

function shown(resource: string, amount: number): number {
  return Math.round(amount * (resource === 'cpu' ? 1000 : 1));
}
