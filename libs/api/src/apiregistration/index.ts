import type { KindBehaviour } from '../kind.ts';
import { apiService } from './api-service.ts';

/** The kinds of group `apiregistration.k8s.io`. */
export const apiregistrationKinds: readonly KindBehaviour<any>[] = [apiService];
