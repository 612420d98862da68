import { apiextensionsKinds } from './apiextensions/index.ts';
import { appsKinds } from './apps/index.ts';
import { batchKinds } from './batch/index.ts';
import { coordinationKinds } from './coordination/index.ts';
import { coreKinds } from './core/index.ts';
import { discoveryKinds } from './discovery/index.ts';
import type { KindBehaviour } from './kind.ts';
import { rbacKinds } from './rbac/index.ts';

/** Every kind that has a behaviour of its own, by group. The rest is generic. */
export const kinds: readonly KindBehaviour<any>[] = [
  ...coreKinds, ...apiextensionsKinds,
  ...appsKinds,
  ...batchKinds,
  ...discoveryKinds,
  ...coordinationKinds,
  ...rbacKinds,
];
