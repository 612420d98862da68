import type { ObjectName } from './storage.ts';

/** Where one resource's objects lie in etcd: `<prefix>/<storagePrefix>/[<namespace>/]<name>`, as upstream has it. */
export class KeyLayout {
  /** With a slash at the end. */
  readonly root: string;
  readonly namespaced: boolean;

  constructor(prefix: string, storagePrefix: string, namespaced: boolean) {
    this.root = `${prefix}/${storagePrefix}/`;
    this.namespaced = namespaced;
  }

  keyOf({ namespace, name }: ObjectName): string {
    return namespace === '' ? `${this.root}${name}` : `${this.root}${namespace}/${name}`;
  }

  /** The prefix of all keys of a namespace, or of all; ends with a slash. */
  prefixOf(namespace: string): string {
    return namespace === '' ? this.root : `${this.root}${namespace}/`;
  }

  /** Undefined for a key that is not an object of this resource. */
  nameOf(key: string): ObjectName | undefined {
    const path = key.slice(this.root.length);
    const slash = path.indexOf('/');
    if (!this.namespaced) return path !== '' && slash < 0 ? { namespace: '', name: path } : undefined;
    if (slash <= 0 || slash === path.length - 1) return undefined;
    return { namespace: path.slice(0, slash), name: path.slice(slash + 1) };
  }
}
