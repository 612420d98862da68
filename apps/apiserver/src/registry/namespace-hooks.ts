import type { KubeObject, ObjectMeta, ResourceDefinition } from '@pilothouse/apimachinery';
import type { Namespace } from '@pilothouse/api';
import { finalizersFor, planDeletion, type DeleteOptions, type DeletionPlan } from './deletion.ts';
import { formatTime, orderMetadata } from './metadata.ts';
import type { WriteHooks } from './write-hooks.ts';

/**
 * A namespace has a second list of finalizers, in its spec: it stays until the namespace controller has emptied it and
 * taken its own off. Upstream: pkg/registry/core/namespace/storage.
 */
export const namespaceHooks: WriteHooks = {
  planDeletion: planNamespaceDeletion,
  isHeld: (object) => ((object as Namespace).spec?.finalizers ?? []).length > 0,
};

function planNamespaceDeletion(
  definition: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
  now: Date,
): DeletionPlan {
  const namespace = object as Namespace;
  const { metadata = {}, spec, status } = namespace;
  if (metadata.deletionTimestamp !== undefined) {
    return spec?.finalizers?.length ? { act: 'nothing' } : planDeletion(definition, object, options, now);
  }
  const marked: ObjectMeta = { ...metadata, deletionTimestamp: formatTime(now) };
  const finalizers = finalizersFor(definition, metadata.finalizers ?? [], options);
  if (finalizers.length > 0) marked.finalizers = finalizers;
  const terminating = { ...namespace, metadata: orderMetadata(marked), status: { ...status, phase: 'Terminating' } };
  return { act: 'mark', object: terminating as KubeObject };
}
