import type { KindBehaviour } from '../kind.ts';
import { flowSchema } from './flow-schema.ts';
import { priorityLevelConfiguration } from './priority-level-configuration.ts';

/** The kinds of group `flowcontrol.apiserver.k8s.io`. */
export const flowcontrolKinds: readonly KindBehaviour<any>[] = [flowSchema, priorityLevelConfiguration];
