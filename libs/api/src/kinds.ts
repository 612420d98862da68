import type { KindBehaviour } from './kind.ts';

/** Every kind that has a behaviour of its own, by group. The rest is generic. */
export const kinds: readonly KindBehaviour<any>[] = [];
