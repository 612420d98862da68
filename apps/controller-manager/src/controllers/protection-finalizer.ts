import type { ObjectMeta } from '@pilothouse/apimachinery';

/** Whether a finalizer that protects what is in use has to be added, or may have to be removed. */
export function isDue({ deletionTimestamp, finalizers = [] }: ObjectMeta, finalizer: string): boolean {
  return Boolean(deletionTimestamp) === finalizers.includes(finalizer);
}

/** With the finalizer while the object lives, without once it is being deleted. */
export function toggled(metadata: ObjectMeta, finalizer: string): ObjectMeta {
  const others = (metadata.finalizers ?? []).filter((each) => each !== finalizer);
  return { ...metadata, finalizers: metadata.deletionTimestamp ? others : [...others, finalizer] };
}
