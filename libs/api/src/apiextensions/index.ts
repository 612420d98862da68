import type { KindBehaviour } from '../kind.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';

/** apiextensions.k8s.io */
export const apiextensionsKinds: readonly KindBehaviour[] = [customResourceDefinition];
