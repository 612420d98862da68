import type { KubeObject } from '@pilothouse/apimachinery';

/** Admission changes objects in place: what holds the object sees the change. */
export function replaceObject(object: KubeObject, next: KubeObject): void {
  for (const key of Object.keys(object)) Reflect.deleteProperty(object, key);
  Object.assign(object, next);
}
