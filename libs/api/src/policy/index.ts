import type { KindBehaviour } from '../kind.ts';
import { podDisruptionBudget } from './pod-disruption-budget.ts';

/** The kinds of group `policy`. `Eviction` is no resource of its own: it is what the eviction subresource of pods takes. */
export const policyKinds: readonly KindBehaviour<any>[] = [podDisruptionBudget];
