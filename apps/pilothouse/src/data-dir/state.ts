import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { UserError } from '../user-error.ts';
import type { DataDir } from './data-dir.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** The ports of what only the cluster itself talks to: free ones, chosen once and kept. */
export interface InternalPorts {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly scheduler: number;
  readonly controllerManager: number;
  readonly kubelet: number;
  readonly kubeletHealth: number;
}

export const INTERNAL_PORTS: readonly (keyof InternalPorts)[] = [
  'etcdClient',
  'etcdPeer',
  'scheduler',
  'controllerManager',
  'kubelet',
  'kubeletHealth',
];

/** What a data directory remembers from one run to the next. */
export interface ClusterState {
  readonly server: string;
  readonly nodes: number;
  readonly ports: InternalPorts;
  /** Whether metrics.k8s.io is registered in the cluster: a run without a metrics server takes that back. */
  readonly metricsServer: boolean;
  /** Of the last run; the ones still alive when their supervisor was killed are stopped by the next. */
  readonly processes: Readonly<Record<string, ProcessIdentity>>;
}

export function readState(dataDir: DataDir): ClusterState | undefined {
  let text: string;
  try {
    text = readFileSync(dataDir.state, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError(`data directory ${dataDir.path} cannot be used: ${(error as Error).message}`);
  }
  try {
    const state = JSON.parse(text) as ClusterState;
    if (INTERNAL_PORTS.every((name) => Number.isInteger(state.ports[name]))) return state;
  } catch {
    // Told below, together with a state that parses and says nothing.
  }
  throw new UserError(`data directory ${dataDir.path} is broken: ${dataDir.state} is not what pilothouse wrote`);
}

export function writeState(dataDir: DataDir, state: ClusterState): void {
  writeFileSync(`${dataDir.state}.partial`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${dataDir.state}.partial`, dataDir.state);
}
