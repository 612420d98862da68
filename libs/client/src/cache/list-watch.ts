import type { KubeList, KubeObject, WatchEvent } from '@pilothouse/apimachinery';
import type { InformerOptions, ListParameters, WatchParameters } from '../contract.ts';

/** Where a reflector gets its objects: a resource client, or a script in tests. */
export interface ListWatch<T extends KubeObject> {
  list(options: ListParameters): Promise<KubeList<T>>;
  watch(options: WatchParameters): AsyncIterable<WatchEvent<T>>;
}

/** Narrows a resource to what an informer was asked to follow. */
export function selectedListWatch<T extends KubeObject>(
  resource: ListWatch<T>,
  { namespace, fieldSelector, labelSelector }: InformerOptions,
): ListWatch<T> {
  const selection = { namespace, fieldSelector, labelSelector };
  return {
    list: (options) => resource.list({ ...options, ...selection }),
    watch: (options) => resource.watch({ ...options, ...selection }),
  };
}
