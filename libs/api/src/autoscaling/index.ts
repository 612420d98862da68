import type { KindBehaviour } from '../kind.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';

/** The kinds of group `autoscaling`. `Scale` is no resource of its own: it is how the scale subresource speaks. */
export const autoscalingKinds: readonly KindBehaviour<any>[] = [horizontalPodAutoscaler];
