import { subresourcesIn, type KubeObject, type ResourceDefinition } from '@pilothouse/apimachinery';

type WithStatus = KubeObject & { status?: unknown };

/** Status belongs to the `status` subresource; whoever writes the main resource cannot set it. */
export function hasStatusSubresource(definition: ResourceDefinition, version: string | undefined): boolean {
  return subresourcesIn(definition, version).some((each) => each.name === 'status');
}

export function resetStatus(definition: ResourceDefinition, object: WithStatus, version: string | undefined): void {
  // A kubelet registers its node with the status it has.
  const keeps = definition.group === '' && definition.resource === 'nodes';
  if (hasStatusSubresource(definition, version) && !keeps) delete object.status;
}

export function keepStatus(
  definition: ResourceDefinition,
  object: WithStatus,
  old: WithStatus,
  version: string | undefined,
): void {
  if (!hasStatusSubresource(definition, version)) return;
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

/** A write to `status` takes status and metadata from the request, all else from what is stored. */
export function keepAllButStatus(object: WithStatus, old: WithStatus): WithStatus {
  const { status: _, ...rest } = old;
  return { ...rest, metadata: object.metadata, ...(object.status === undefined ? {} : { status: object.status }) };
}
