import { isAlreadyExists, storedVersion, type KubeObject } from '@pilothouse/apimachinery';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import { applyDefaults } from '../registry/storage-codec.ts';
import { systemContext } from './system-context.ts';

/** Creates what every cluster has, unless it is there: then it stays as it is. */
export async function ensureObject(registry: ObjectRegistry, object: KubeObject, now: Date): Promise<void> {
  const { name = '', namespace = '' } = object.metadata ?? {};
  if (await registry.peek({ namespace, name })) return;
  applyDefaults(storedVersion(registry.definition), object);
  try {
    await registry.create(object, systemContext(now, namespace));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
