import type { Pod } from '@pilothouse/api';
import type { PodRuntimeState } from '../runtime/container-runtime.ts';
import type { HostFacts } from './field-ref.ts';
import type { NodeRoom } from './node-room.ts';
import type { ObjectLookup } from './object-lookup.ts';
import type { TokenLookup } from './pod-tokens.ts';

/** What a plan for a pod goes by, besides what its worker remembers. */
export interface PodObservation {
  readonly pod: Pod;
  readonly runtime: PodRuntimeState | undefined;
  readonly host: HostFacts;
  readonly lookup: ObjectLookup;
  readonly tokens: TokenLookup;
  /** Names of the pod's volumes that are not attached yet; undefined while that is being looked up. */
  readonly unattached: () => readonly string[] | undefined;
  /** Variables that tell of services. */
  readonly serviceEnv: () => Readonly<Record<string, string>>;
  readonly imagePresent: (image: string) => boolean;
  /** Asked when a resize is to be judged. */
  readonly room: () => NodeRoom;
  readonly now: Date;
  readonly nowMs: number;
  readonly speed: number;
}
