import type { KubeObject, ResourceDefinition } from '@pilothouse/apimachinery';

type WithStatus = KubeObject & { status?: unknown };

/** Status belongs to the `status` subresource; whoever writes the main resource cannot set it. */
export function hasStatusSubresource(definition: ResourceDefinition): boolean {
  return definition.subresources.some((each) => each.name === 'status');
}

export function resetStatus(definition: ResourceDefinition, object: WithStatus): void {
  // A kubelet registers its node with the status it has.
  const keeps = definition.group === '' && definition.resource === 'nodes';
  if (hasStatusSubresource(definition) && !keeps) delete object.status;
}

export function keepStatus(definition: ResourceDefinition, object: WithStatus, old: WithStatus): void {
  if (!hasStatusSubresource(definition)) return;
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

/** A write to `status` takes status and metadata from the request, all else from what is stored. */
export function keepAllButStatus(object: WithStatus, old: WithStatus): WithStatus {
  const { status: _, ...rest } = old;
  return { ...rest, metadata: object.metadata, ...(object.status === undefined ? {} : { status: object.status }) };
}
