import { badRequest, StatusError } from '../errors/status-error.ts';
import { isJsonObject } from '../deep/own-property.ts';
import { parseApiVersion } from '../meta/group-version.ts';
import type { KubeObject, ManagedFieldsEntry, UnstructuredObject } from '../meta/object.ts';
import { capUpdateManagers } from './cap-managers.ts';
import { ConversionPending } from './conversion-pending.ts';
import { applyConflict, ApplyConflictError } from './conflict.ts';
import { KUBECTL_MANAGER, lastAppliedFields, withLastApplied } from './last-applied.ts';
import {
  decodeManagedFields,
  encodeManagedFields,
  isManagedFieldsReset,
  type Manager,
  type ManagerIdentity,
  managerKey,
  type Managers,
} from './managed-fields.ts';
import { STRIPPED_FIELDS } from './stripped-fields.ts';
import { type KindVersions, Updater, type Versioned } from './updater.ts';
import { joinTypedErrors, validateTyped } from './validate-typed.ts';

export interface FieldManagerOptions extends KindVersions {
  /** The version of the endpoint; objects come and go in it. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for the main resource. */
  readonly subresource?: string;
  /** Normal form of an object that says nothing: what a new object is compared with. */
  readonly emptyObject: KubeObject;
}

/** Stands for the writer while its changes are worked out, so that they are told from its earlier ones. */
const CURRENT = 'current-operation';
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * Server-side apply and field ownership for one endpoint of one kind.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 *
 * Objects come in the endpoint's version and in normal form. Those that come out carry `metadata.managedFields`; an
 * applied one is not in normal form yet, nor defaulted: decode and default it before use.
 */
export class FieldManager {
  readonly #options: FieldManagerOptions;
  readonly #updater: Updater;

  constructor(options: FieldManagerOptions) {
    this.#options = options;
    this.#updater = new Updater(options);
  }

  /**
   * After a create, update or patch: `next` with its managed fields brought up to date. `live` is undefined on
   * create. Ownership never makes a write fail: what cannot be read is forgotten, and when a conversion fails the
   * entries stay as they were.
   */
  update(live: KubeObject | undefined, next: KubeObject, manager: string, now: Date): KubeObject {
    const before = live ?? this.#options.emptyObject;
    const managers = this.#managersFor(live, next);
    // An object that was never tracked stays so until it is applied to.
    if (managers.size === 0 && live?.metadata?.uid) return withManagedFields(next, undefined);
    try {
      return withManagedFields(next, encodeManagedFields(this.#track(before, next, managers, manager, now)));
    } catch (error) {
      if (error instanceof ConversionPending) throw error;
      return withManagedFields(next, live?.metadata?.managedFields);
    }
  }

  /**
   * Applies a configuration: the merged object. `live` is undefined when the object does not exist yet. Throws
   * StatusError: 409 with a cause for each field that others manage and the apply would change.
   */
  apply(live: KubeObject | undefined, config: KubeObject, manager: string, force: boolean, now: Date): KubeObject {
    this.#checkConfig(config);
    const before = withManagedFields(live ?? this.#options.emptyObject, undefined);
    let managers = this.#decode(live);
    if (managers.size === 0 && live !== undefined) {
      managers = this.#track(this.#options.emptyObject, before, managers, BEFORE_FIRST_APPLY, now);
    }
    const outcome = this.#applyWithUpgrade(before, config, managers, manager, force);
    const self = this.#identity(manager, 'Apply');
    const entry = outcome.managers.get(managerKey(self));
    if (entry !== undefined) {
      const time = outcome.object === undefined ? managers.get(managerKey(self))?.time : timestamp(now);
      outcome.managers.set(managerKey(self), { ...entry, time });
    }
    let object = outcome.object ?? before;
    if (manager === KUBECTL_MANAGER) object = withLastApplied(object, config);
    return withManagedFields(object, encodeManagedFields(outcome.managers));
  }

  /** The managers after a change from `before` to `next` by one who does not apply. */
  #track(before: KubeObject, next: KubeObject, given: Managers, name: string, now: Date): Managers {
    const self = this.#identity(name === '' ? 'unknown' : name, 'Update');
    const selfKey = managerKey(self);
    const managers = this.#updater.update(this.#versioned(before), this.#versioned(next), given, CURRENT, {
      ...self,
      time: timestamp(now),
    });
    const current = managers.get(CURRENT);
    if (current !== undefined) {
      managers.delete(CURRENT);
      const fields = current.fields.difference(STRIPPED_FIELDS);
      const previous = managers.get(selfKey)?.fields;
      if (!fields.isEmpty) {
        managers.set(selfKey, { ...current, fields: previous === undefined ? fields : fields.union(previous) });
      }
    }
    return capUpdateManagers(managers);
  }

  /** kubectl may take over, without force, what client-side apply set and nobody changed since. */
  #applyWithUpgrade(before: KubeObject, config: KubeObject, managers: Managers, name: string, force: boolean) {
    const self = { ...this.#identity(name, 'Apply'), time: undefined };
    const run = (forced: boolean) =>
      this.#updater.apply(this.#versioned(before), config, managers, managerKey(self), self, forced);
    try {
      return run(force);
    } catch (error) {
      if (!(error instanceof ApplyConflictError)) throw error;
      const { apiVersion } = this.#options;
      const allowed =
        name === KUBECTL_MANAGER
          ? lastAppliedFields(this.#options.schemaFor(apiVersion)!, before, apiVersion)
          : undefined;
      const remaining = error.conflicts.filter(({ path }) => !allowed?.has(path));
      if (remaining.length > 0) throw applyConflict(remaining);
      return run(true);
    }
  }

  #checkConfig(config: KubeObject): void {
    const { apiVersion, kind } = this.#options;
    const given = { apiVersion: config.apiVersion ?? '', kind: config.kind ?? '' };
    if (given.apiVersion !== apiVersion || given.kind !== kind) {
      const { group, version } = parseApiVersion(given.apiVersion);
      throw badRequest(`invalid object type: ${group}/${version}, Kind=${given.kind}`);
    }
    if (config.metadata?.managedFields !== undefined && config.metadata.managedFields !== null) {
      throw badRequest('metadata.managedFields must be nil');
    }
    const errors = validateTyped(this.#options.schemaFor(apiVersion)!, config);
    if (errors.length === 0) return;
    const { group, version } = parseApiVersion(apiVersion);
    const { namespace = '', name = '' } = isJsonObject(config.metadata)
      ? (config.metadata as KubeObject['metadata'] & {})
      : {};
    throw badRequest(
      `failed to create typed patch object (${namespace}/${name}; ${group}/${version}, Kind=${kind}): ${joinTypedErrors(errors)}`,
    );
  }

  #identity(name: string, operation: Manager['operation']): ManagerIdentity {
    const { apiVersion, subresource = '' } = this.#options;
    return { name: name === '' ? 'unknown' : name, operation, apiVersion, subresource };
  }

  /**
   * Whose word counts: the main endpoint takes managed fields from the request, if they can be read, so that they can
   * be edited; a client that does not know them cannot lose them. A subresource never takes them from the request.
   */
  #managersFor(live: KubeObject | undefined, next: KubeObject): Managers {
    if (!this.#options.subresource) {
      const requested = next.metadata?.managedFields;
      if (isManagedFieldsReset(requested)) return new Map();
      const managers = decodeOrEmpty(requested);
      if (managers.size > 0) return managers;
    }
    return decodeOrEmpty(live?.metadata?.managedFields);
  }

  #decode(live: KubeObject | undefined): Managers {
    try {
      return decodeManagedFields(live?.metadata?.managedFields ?? []);
    } catch (error) {
      throw new StatusError({ message: `failed to decode managed fields: ${(error as Error).message}`, code: 500 });
    }
  }

  #versioned(object: KubeObject): Versioned {
    return { object: withManagedFields(object, undefined), apiVersion: this.#options.apiVersion };
  }
}

function decodeOrEmpty(entries: readonly ManagedFieldsEntry[] | undefined): Managers {
  try {
    return decodeManagedFields(entries ?? []);
  } catch {
    return new Map();
  }
}

/** A copy with these managed fields; the object itself when there are none before and after. */
function withManagedFields(object: KubeObject, entries: ManagedFieldsEntry[] | undefined): KubeObject {
  if (entries === undefined && object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  const copy = { ...object } as UnstructuredObject;
  copy.metadata = entries === undefined ? metadata : { ...metadata, managedFields: entries };
  return copy;
}

/** RFC 3339 in whole seconds, as every time of the API's metadata. */
function timestamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}
