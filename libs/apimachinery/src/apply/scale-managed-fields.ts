import type { ManagedFieldsEntry } from '../meta/object.ts';
import { FieldSet } from './field-set.ts';
import { decodeManagedFields, encodeManagedFields, type Manager, managerKey, type Managers } from './managed-fields.ts';
import { fieldElement } from './path-element.ts';

const SCALE_VERSION = 'autoscaling/v1';
const REPLICAS_IN_SCALE = ['spec', 'replicas'].map(fieldElement);

/** For each version of the resource the path of its replicas; null for a version without a scale subresource. */
export type ReplicasPaths = ReadonlyMap<string, readonly string[] | null>;

/** Managed fields of a resource as its scale subresource shows them: those who manage the number of replicas. */
export function managedFieldsToScale(
  entries: readonly ManagedFieldsEntry[],
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const scale: Managers = new Map();
  for (const [key, manager] of decodeManagedFields(entries)) {
    const path = paths.get(manager.apiVersion);
    if (!path || !manager.fields.has(path.map(fieldElement))) continue;
    scale.set(key, { ...manager, apiVersion: SCALE_VERSION, fields: FieldSet.ofFields(['spec', 'replicas']) });
  }
  return encodeManagedFields(scale);
}

/** Managed fields of the resource after those of its scale subresource changed, in terms of version `apiVersion`. */
export function managedFieldsFromScale(
  entries: readonly ManagedFieldsEntry[],
  scaleEntries: readonly ManagedFieldsEntry[],
  apiVersion: string,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const scale = new Map([...decodeManagedFields(scaleEntries).values()].map((manager) => [writer(manager), manager]));
  const managers: Managers = new Map();
  for (const [key, manager] of decodeManagedFields(entries)) {
    const path = paths.get(manager.apiVersion);
    if (path === undefined) continue;
    // Still there on the scale: the number of replicas was not taken from this manager.
    if (path === null || !manager.fields.has(path.map(fieldElement)) || scale.delete(writer(manager))) {
      managers.set(key, manager);
      continue;
    }
    const fields = manager.fields.difference(FieldSet.ofFields(path));
    if (!fields.isEmpty) managers.set(key, { ...manager, fields });
  }
  const path = paths.get(apiVersion);
  for (const manager of scale.values()) {
    if (!path || !manager.fields.has(REPLICAS_IN_SCALE)) continue;
    const taken: Manager = { ...manager, apiVersion, fields: FieldSet.ofFields(path) };
    const key = managerKey(taken);
    const fields = managers.get(key)?.fields.union(taken.fields) ?? taken.fields;
    managers.set(key, { ...taken, fields });
  }
  return encodeManagedFields(managers);
}

/** Who wrote, whatever the version: an update through the scale is in another version than one of the resource. */
const writer = ({ name, operation, subresource }: Manager) => JSON.stringify([name, operation, subresource]);
