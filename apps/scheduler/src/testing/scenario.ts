import type { Node, Pod } from '@pilothouse/api';
import { expect, test } from 'vitest';
import { FakeCluster, type FakeClusterOptions } from './fake-cluster.ts';

/** A cluster, a pod to place, and where it must land or what must be said of it. */
export interface Scenario extends FakeClusterOptions {
  readonly nodes: readonly Node[];
  /** Pods that are there before. */
  readonly existing?: readonly Pod[];
  readonly pod: Pod;
  /** Other objects. */
  readonly given?: (cluster: FakeCluster) => void;
  /** One node, or any of several. */
  readonly lands?: string | readonly string[];
  /** The FailedScheduling message, without what the postFilter plugins add. */
  readonly fails?: string;
}

/** One test for each scenario, named by its key. */
export function scenarios(table: Readonly<Record<string, Scenario>>): void {
  for (const [name, scenario] of Object.entries(table)) {
    test(name, async () => {
      const cluster = await play(scenario);
      const node = cluster.nodeOf(scenario.pod.metadata.name!);
      const failures = cluster
        .messages(scenario.pod.metadata.name!)
        .map((message) => message.split(/ (?:no new claims to deallocate|still not schedulable), preemption: /)[0]);
      if (scenario.fails === undefined) {
        expect(failures).toEqual([]);
        expect([scenario.lands].flat()).toContain(node);
      } else {
        expect(failures).toEqual([scenario.fails]);
        expect(node).toBeUndefined();
      }
    });
  }
}

export async function play({
  nodes,
  existing = [],
  pod,
  given,
  configuration,
  plugins,
}: Scenario): Promise<FakeCluster> {
  const cluster = new FakeCluster({ ...(configuration ? { configuration } : {}), ...(plugins ? { plugins } : {}) });
  given?.(cluster);
  cluster.apply(...nodes, ...existing, pod);
  await cluster.settle();
  return cluster;
}
