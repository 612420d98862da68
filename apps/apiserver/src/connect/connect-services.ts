import type { Resources } from '../registry/resources.ts';
import type { Backend } from './backend.ts';
import type { KubeletAccess } from './kubelet-location.ts';

/** What the connect routes share. */
export interface ConnectServices {
  readonly resources: Resources;
  readonly backend: Backend;
  readonly kubelets: KubeletAccess;
}
