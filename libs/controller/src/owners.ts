import { controllerRefOf, type KubeObject } from '@pilothouse/apimachinery';

/** Whether `owner` is the object's controller. By uid: a namesake created later is another owner. */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerRefOf(object)?.uid === owner.metadata?.uid;
}

/** The queue key (`namespace/name`) of the object's controller, if that is of `kind`. */
export function ownerKey(object: KubeObject, kind: string): string | undefined {
  const reference = controllerRefOf(object);
  if (reference?.kind !== kind) return undefined;
  const namespace = object.metadata?.namespace;
  return namespace ? `${namespace}/${reference.name}` : reference.name;
}
