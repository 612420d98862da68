import type { NodeInfo } from '../cache/node-info.ts';
import { Status, type StatusCode } from './status.ts';

/** Why each node was refused. Most nodes may share one status: those that were never looked at. */
export class NodeStatuses {
  readonly #byNode = new Map<string, Status>();
  #absent: Status;

  constructor(absent = new Status('UnschedulableAndUnresolvable')) {
    this.#absent = absent;
  }

  get(nodeName: string): Status {
    return this.#byNode.get(nodeName) ?? this.#absent;
  }

  set(nodeName: string, status: Status): void {
    this.#byNode.set(nodeName, status);
  }

  get absent(): Status {
    return this.#absent;
  }

  setAbsent(status: Status): void {
    this.#absent = status;
  }

  /** The number of nodes that were looked at. */
  get size(): number {
    return this.#byNode.size;
  }

  entries(): IterableIterator<[string, Status]> {
    return this.#byNode.entries();
  }

  nodesWithCode(nodes: readonly NodeInfo[], code: StatusCode): NodeInfo[] {
    return nodes.filter((node) => this.get(node.name).code === code);
  }
}

/** Everything one failed attempt found out: for the event, for preemption, and for when to try again. */
export class Diagnosis {
  readonly nodeStatuses = new NodeStatuses();
  readonly unschedulablePlugins = new Set<string>();
  readonly pendingPlugins = new Set<string>();
  preFilterMessage = '';
  postFilterMessage = '';

  addPluginStatus(status: Status): void {
    if (status.plugin === '') return;
    if (status.isRejected) this.unschedulablePlugins.add(status.plugin);
    if (status.code === 'Pending') this.pendingPlugins.add(status.plugin);
  }
}

/**
 * The sentence of the FailedScheduling event, worded as upstream's FitError:
 * `0/<nodes> nodes are available: <preFilter, or reasons counted by node>. <postFilter>`.
 */
export function fitErrorMessage(diagnosis: Diagnosis, nodeCount: number): string {
  let message = `0/${nodeCount} nodes are available:`;
  if (diagnosis.preFilterMessage !== '') {
    message += ` ${diagnosis.preFilterMessage}.`;
  } else {
    const counted = countReasons(diagnosis.nodeStatuses, nodeCount);
    if (counted.length > 0) message += ` ${counted.join(', ')}.`;
  }
  if (diagnosis.postFilterMessage !== '') message += ` ${diagnosis.postFilterMessage}`;
  return message;
}

/** `<count> <reason>` for each reason, sorted as text. */
function countReasons(statuses: NodeStatuses, nodeCount: number): string[] {
  const counts = new Map<string, number>();
  const count = (status: Status, times: number) => {
    for (const reason of status.reasons) counts.set(reason, (counts.get(reason) ?? 0) + times);
  };
  for (const [, status] of statuses.entries()) count(status, 1);
  if (statuses.size < nodeCount) count(statuses.absent, nodeCount - statuses.size);
  return [...counts].map(([reason, times]) => `${times} ${reason}`).sort();
}
