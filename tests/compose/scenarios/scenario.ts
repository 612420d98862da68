import type { ComposeCluster } from '../compose-cluster.ts';

/** One thing that the cluster in containers must stand. It finds the cluster up and leaves it up, all of it well. */
export interface Scenario {
  readonly name: string;
  run(cluster: ComposeCluster): Promise<void>;
}
