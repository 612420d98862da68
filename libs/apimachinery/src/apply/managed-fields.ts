import type { FieldsV1, ManagedFieldsEntry } from '../meta/object.ts';
import type { FieldSet } from './field-set.ts';
import { decodeFieldsV1, encodeFieldsV1 } from './fields-v1.ts';

/** One entry of `metadata.managedFields`, its fields decoded. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  /** The version in whose terms the fields are. */
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** The fields as they were read, to be written again when they are still the same. */
  readonly source?: { readonly fields: FieldSet; readonly fieldsV1: FieldsV1 };
}

export type ManagerIdentity = Pick<Manager, 'name' | 'operation' | 'apiVersion' | 'subresource'>;

/** By identity: see managerKey. */
export type Managers = Map<string, Manager>;

/**
 * What makes two entries the same manager: name, operation and subresource, and the version for updates. An applier
 * stays the same whatever version it applies in. Sorts as upstream's identifiers do.
 */
export function managerKey(manager: ManagerIdentity): string {
  const { name, operation, apiVersion, subresource } = manager;
  return JSON.stringify({
    ...(name === '' ? {} : { manager: name }),
    operation,
    ...(operation === 'Apply' ? {} : { apiVersion }),
    ...(subresource === '' ? {} : { subresource }),
  });
}

/** Throws, in upstream's words, when any entry is not valid: then none of them can be trusted. */
export function decodeManagedFields(entries: readonly ManagedFieldsEntry[]): Managers {
  const managers: Managers = new Map();
  entries.forEach((entry, position) => {
    const { operation, apiVersion = '', fieldsType = '' } = entry;
    if (operation !== 'Apply' && operation !== 'Update') throw new Error('operation must be `Apply` or `Update`');
    if (apiVersion === '') throw new Error('apiVersion must not be empty');
    if (fieldsType === '') throw new Error(`missing fieldsType in managed fields entry ${position}`);
    if (fieldsType !== 'FieldsV1') {
      throw new Error(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${position}`);
    }
    const fields = decodeFieldsV1(entry.fieldsV1 ?? {});
    const manager: Manager = {
      name: entry.manager ?? '',
      operation: operation as Manager['operation'],
      apiVersion,
      subresource: entry.subresource ?? '',
      time: entry.time,
      fields,
      ...(entry.fieldsV1 === undefined ? {} : { source: { fields, fieldsV1: entry.fieldsV1 } }),
    };
    managers.set(managerKey(manager), manager);
  });
  return managers;
}

/** Appliers first, then by time, name, version and subresource. Undefined when nobody manages anything. */
export function encodeManagedFields(managers: Managers): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  const sorted = [...managers.values()].sort(
    (a, b) =>
      order(a.operation, b.operation) ||
      order(a.time ?? '', b.time ?? '') ||
      order(a.name, b.name) ||
      order(a.apiVersion, b.apiVersion) ||
      order(a.subresource, b.subresource),
  );
  return sorted.map((manager) => ({
    ...(manager.name === '' ? {} : { manager: manager.name }),
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: manager.source?.fields === manager.fields ? manager.source.fieldsV1 : encodeFieldsV1(manager.fields),
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  }));
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A client asks to forget all ownership by sending an empty list, or a list of one empty entry.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
 */
export function isManagedFieldsReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  return (
    entries !== undefined && (entries.length === 0 || (entries.length === 1 && Object.keys(entries[0]!).length === 0))
  );
}
