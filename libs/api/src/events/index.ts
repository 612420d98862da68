import type { KindBehaviour } from '../kind.ts';
import { event } from './event.ts';

/** The kinds of group `events.k8s.io`. */
export const eventsKinds: readonly KindBehaviour<any>[] = [event];
