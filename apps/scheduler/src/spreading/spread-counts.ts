import type { Pod } from '@pilothouse/api';
import type { NodeInfo } from '../cache/node-info.ts';
import { countMatchingPods, hasAllTopologyKeys, nodeInclusion, type SpreadConstraint } from './spread-constraint.ts';

/** How many matching pods each topology domain has, for each constraint of one pod. */
export class SpreadCounts {
  readonly constraints: readonly SpreadConstraint[];
  /** By topology value, for each constraint. */
  readonly #domains: readonly Map<string, number>[];
  /** The least of each; worked out when asked for. */
  readonly #minima: (number | undefined)[];

  private constructor(constraints: readonly SpreadConstraint[], domains: readonly Map<string, number>[]) {
    this.constraints = constraints;
    this.#domains = domains;
    this.#minima = constraints.map(() => undefined);
  }

  static of(pod: Pod, constraints: readonly SpreadConstraint[], nodes: readonly NodeInfo[]): SpreadCounts {
    const domains = constraints.map(() => new Map<string, number>());
    const includes = nodeInclusion(pod);
    const namespace = pod.metadata.namespace ?? '';
    for (const node of nodes) {
      if (!hasAllTopologyKeys(node.labels, constraints)) continue;
      constraints.forEach((constraint, i) => {
        if (!includes(constraint, node.node)) return;
        const value = node.labels[constraint.topologyKey]!;
        const count = countMatchingPods(node, constraint.selector, namespace);
        domains[i]!.set(value, (domains[i]!.get(value) ?? 0) + count);
      });
    }
    return new SpreadCounts(constraints, domains);
  }

  clone(): SpreadCounts {
    return new SpreadCounts(
      this.constraints,
      this.#domains.map((domains) => new Map(domains)),
    );
  }

  /** A pod came to the node (1) or left it (-1). */
  update(pod: Pod, changed: Pod, node: NodeInfo, by: 1 | -1): void {
    if (changed.metadata.namespace !== pod.metadata.namespace || !hasAllTopologyKeys(node.labels, this.constraints))
      return;
    const includes = nodeInclusion(pod);
    this.constraints.forEach((constraint, i) => {
      if (!constraint.selector.matches(changed.metadata.labels) || !includes(constraint, node.node)) return;
      const value = node.labels[constraint.topologyKey]!;
      this.#domains[i]!.set(value, (this.#domains[i]!.get(value) ?? 0) + by);
      this.#minima[i] = undefined;
    });
  }

  inDomain(constraint: number, value: string): number {
    return this.#domains[constraint]!.get(value) ?? 0;
  }

  /** The least pods of any domain; 0 while there are fewer domains than the constraint wants. */
  minimum(constraint: number): number {
    const domains = this.#domains[constraint]!;
    if (domains.size < this.constraints[constraint]!.minDomains) return 0;
    return (this.#minima[constraint] ??= Math.min(...domains.values()));
  }
}
