import type { KubeObject } from '@pilothouse/apimachinery';
import type { PlanDeletion } from './deletion.ts';
import type { WriteContext } from './write-context.ts';

/**
 * What a resource must reserve outside its own object while it is written, such as a Service's addresses. Upstream:
 * registry.Store's BeginCreate, BeginUpdate and AfterDelete.
 */
export interface WriteHooks {
  /** May change the object. The result is told whether the write succeeded, so that it can give back what it took. */
  beginCreate?(object: KubeObject, context: WriteContext): Promise<Finish | undefined>;
  beginUpdate?(object: KubeObject, old: KubeObject, context: WriteContext): Promise<Finish | undefined>;
  afterDelete?(object: KubeObject, context: WriteContext): Promise<void>;
  /** Instead of the usual plan. */
  planDeletion?: PlanDeletion;
  /** Something besides `metadata.finalizers` keeps an object that is being deleted. */
  isHeld?(object: KubeObject): boolean;
}

export type Finish = (succeeded: boolean) => Promise<void>;
