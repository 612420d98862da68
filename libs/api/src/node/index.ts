import type { KindBehaviour } from '../kind.ts';
import { runtimeClass } from './runtime-class.ts';

/** The kinds of group `node.k8s.io`. */
export const nodeKinds: readonly KindBehaviour<any>[] = [runtimeClass];
