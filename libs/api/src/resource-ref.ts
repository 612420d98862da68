import type { KubeObject } from '@pilothouse/apimachinery';

/** Names a resource for a client; `T` is the type of its objects. The constants are in generated/resources.ts. */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Only for the type checker. */
  readonly type?: T;
}
