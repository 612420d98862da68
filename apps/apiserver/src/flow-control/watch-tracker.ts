import type { RequestInfo } from '../request-info.ts';

/** One count for each of the places where watches of a resource can look: a namespace or all, a name or all. */
type Watches = Map<string, number>;

/**
 * How many watches an event of an object goes to. Watches of the pods of one node are not counted: each is told of few,
 * and of which a write does not say.
 */
export class WatchTracker {
  readonly #byResource = new Map<string, Watches>();

  /** Until what it returns is called. */
  register(info: RequestInfo): () => void {
    if (!info.isResource || info.fieldSelector.includes('spec.nodeName=')) return () => {};
    const resource = resourceOf(info);
    const watches = this.#byResource.get(resource) ?? new Map<string, number>();
    this.#byResource.set(resource, watches);
    const place = placeOf(info.namespace, info.name);
    watches.set(place, (watches.get(place) ?? 0) + 1);
    return () => {
      const left = watches.get(place)! - 1;
      if (left > 0) watches.set(place, left);
      else watches.delete(place);
      if (watches.size === 0) this.#byResource.delete(resource);
    };
  }

  /** Of the object that a write is about; one that has no name yet is not watched by name. */
  countFor(info: RequestInfo): number {
    const watches = this.#byResource.get(resourceOf(info));
    if (watches === undefined) return 0;
    const { namespace, name } = info;
    let count = watches.get('/') ?? 0;
    if (namespace !== '') count += watches.get(placeOf(namespace, '')) ?? 0;
    if (name !== '') count += watches.get(placeOf('', name)) ?? 0;
    if (namespace !== '' && name !== '') count += watches.get(placeOf(namespace, name)) ?? 0;
    return count;
  }
}

const resourceOf = ({ apiGroup, resource }: RequestInfo) => (apiGroup === '' ? resource : `${resource}.${apiGroup}`);
const placeOf = (namespace: string, name: string) => `${namespace}/${name}`;
