import type { KindBehaviour } from '../kind.ts';
import { endpointSlice } from './endpoint-slice.ts';

/** The kinds of group `discovery.k8s.io`. */
export const discoveryKinds: readonly KindBehaviour<any>[] = [endpointSlice];
