import type { KindBehaviour } from '../kind.ts';
import { storageVersionMigration } from './storage-version-migration.ts';

/** The kinds of group `storagemigration.k8s.io`. */
export const storagemigrationKinds: readonly KindBehaviour<any>[] = [storageVersionMigration];
