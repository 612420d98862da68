import { StatusError, type KubeObject } from '@pilothouse/apimachinery';

/**
 * What more there is to say when an object cannot be created because its name is taken: that the server made the name,
 * and that who has it now is on its way out. Upstream: Store.Create and rest.CheckGeneratedNameError.
 */
export function takenName(error: StatusError, object: KubeObject, existing: KubeObject | undefined): StatusError {
  const { status } = object.metadata?.generateName ? noUniqueName(error) : error;
  const isDeleted = existing?.metadata?.deletionTimestamp !== undefined;
  return new StatusError(isDeleted ? { ...status, message: `object is being deleted: ${status.message}` } : status);
}

/** Upstream: errors.NewGenerateNameConflict. */
function noUniqueName({ status }: StatusError): StatusError {
  return new StatusError({
    ...status,
    message: `${status.message}, the server was not able to generate a unique name for the object`,
    details: { ...status.details, retryAfterSeconds: 1 },
  });
}
