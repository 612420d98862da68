import { createClientPool } from './client-pool.ts';
import type { KubeClient, KubeClientOptions } from './contract.ts';

/** A client with a connection of its own: a pool of one. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  return createClientPool(options).client(options);
}
