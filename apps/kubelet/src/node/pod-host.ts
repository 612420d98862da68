import type { Node } from '@pilothouse/api';
import type { EventRecorder, KubeClient } from '@pilothouse/client';
import type { HostFacts } from '../pods/field-ref.ts';

/** The node that a pod is on, as its worker sees it. */
export interface PodHost {
  readonly nodeName: string;
  readonly recorder: EventRecorder;
  /** Acts as the node. */
  readonly client: KubeClient;
  /** As last read from or written to the apiserver. */
  node(): Node;
  facts(): HostFacts;
  /** The attachable volumes that a pod mounts from now on; none when it is over. They end up in the node's status. */
  useVolumes(podUid: string, ids: readonly string[]): void;
}
