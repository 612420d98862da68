import type { KindBehaviour } from '../kind.ts';
import { storageVersion } from './storage-version.ts';

/** The kinds of group `internal.apiserver.k8s.io`. */
export const apiserverinternalKinds: readonly KindBehaviour<any>[] = [storageVersion];
