import { deepEqual } from '../deep/deep-equal.ts';
import type { KubeObject } from '../meta/object.ts';
import type { ObjectSchema } from '../schema/schema.ts';
import { compareObjects, type Comparison, excludeFields } from './compare.ts';
import { ApplyConflictError, conflictsOf } from './conflict.ts';
import { EMPTY_FIELD_SET, type FieldSet } from './field-set.ts';
import { fieldsOf, namedFieldsOf } from './fields-of.ts';
import type { Manager, Managers } from './managed-fields.ts';
import { mergeObjects } from './merge.ts';
import { withNamedFields } from './named-fields.ts';
import { reconcileWithSchema } from './reconcile-schema.ts';
import { removeItems, withoutEmptied } from './remove-items.ts';
import { STRIPPED_FIELDS } from './stripped-fields.ts';

/** An object and the version it is in. */
export interface Versioned {
  readonly object: KubeObject;
  readonly apiVersion: string;
}

/** What the updater must know of the kind's versions. */
export interface KindVersions {
  /** Undefined for a version that does not exist (any more). */
  schemaFor(apiVersion: string): ObjectSchema | undefined;
  /** Called only for versions that have a schema. May throw ConversionPending. */
  convert(object: KubeObject, apiVersion: string): KubeObject;
  /** Fields that the endpoint does not write: nobody comes to own them through it. */
  readonly resetFields?: ReadonlyMap<string, FieldSet>;
}

/**
 * Keeps track of who manages what when an object changes, and decides what an apply changes. The algorithm is that of
 * sigs.k8s.io/structured-merge-diff, so that ownership comes out the same.
 */
export class Updater {
  readonly #kind: KindVersions;

  constructor(kind: KindVersions) {
    this.#kind = kind;
  }

  /** After a write other than apply: `self` now manages all that changed, and whoever managed it before does not. */
  update(live: Versioned, next: Versioned, given: Managers, selfKey: string, self: Omit<Manager, 'fields'>): Managers {
    const managers = this.#reconcile(live, given);
    const comparison = this.#resolve(live, next, managers, selfKey, true);
    const ignored = this.#kind.resetFields?.get(next.apiVersion) ?? EMPTY_FIELD_SET;
    const fields = (managers.get(selfKey)?.fields ?? EMPTY_FIELD_SET)
      .union(comparison.modified)
      .union(comparison.added)
      .difference(comparison.removed)
      .recursiveDifference(ignored);
    if (fields.isEmpty) managers.delete(selfKey);
    else managers.set(selfKey, { ...self, fields });
    return managers;
  }

  /**
   * The live object with the configuration merged into it, and without what the applier applied before but no longer
   * does and nobody else manages. `object` is undefined when nothing changes. Throws ApplyConflictError.
   */
  apply(
    live: Versioned,
    config: KubeObject,
    given: Managers,
    selfKey: string,
    self: Omit<Manager, 'fields'>,
    force: boolean,
  ): { object: KubeObject | undefined; managers: Managers } {
    const { apiVersion } = live;
    const schema = this.#schema(apiVersion);
    const managers = this.#reconcile(live, given);
    const last = managers.get(selfKey);
    const ignored = this.#kind.resetFields?.get(apiVersion) ?? EMPTY_FIELD_SET;
    const fields = fieldsOf(schema, config).recursiveDifference(ignored).difference(STRIPPED_FIELDS);
    // The same set as before is taken as it is, so that it need not be written anew.
    const same = last?.apiVersion === apiVersion && last.fields.equals(fields);
    managers.set(selfKey, same ? last : { ...self, fields });
    const merged: Versioned = { object: mergeObjects(schema, live.object, config), apiVersion };
    const next = this.#prune(merged, config, managers, managers.get(selfKey)!, last);
    this.#resolve(live, next, managers, selfKey, force);
    const unchanged = next.object === live.object || deepEqual(next.object, live.object);
    return { object: unchanged ? undefined : next.object, managers };
  }

  /**
   * Takes the fields that changed or went away from all managers but `self`; on conflict throws, unless forced.
   * Changes `managers`; returns the comparison in the version of the request.
   */
  #resolve(before: Versioned, after: Versioned, managers: Managers, selfKey: string, force: boolean): Comparison {
    const comparison = compareObjects(this.#schema(after.apiVersion), before.object, after.object);
    const byVersion = new Map([[after.apiVersion, this.#exclude(comparison, after.apiVersion)]]);
    const conflicts = new Map<string, { manager: Manager; set: FieldSet }>();
    for (const [key, manager] of [...managers]) {
      if (key === selfKey) continue;
      const { apiVersion } = manager;
      let changes = byVersion.get(apiVersion);
      if (changes === undefined) {
        const schema = this.#kind.schemaFor(apiVersion);
        if (schema === undefined) {
          managers.delete(key);
          continue;
        }
        const [old, next] = [this.#convert(before, apiVersion), this.#convert(after, apiVersion)];
        changes = this.#exclude(compareObjects(schema, old.object, next.object), apiVersion);
        byVersion.set(apiVersion, changes);
      }
      const set = manager.fields.intersection(changes.modified.union(changes.added));
      if (!set.isEmpty) conflicts.set(key, { manager, set });
    }
    if (!force && conflicts.size > 0) throw new ApplyConflictError(conflictsOf(conflicts));
    for (const [key, manager] of [...managers]) {
      if (key === selfKey) continue;
      const lost = conflicts.get(key)?.set ?? EMPTY_FIELD_SET;
      const fields = manager.fields.difference(lost).difference(byVersion.get(manager.apiVersion)!.removed);
      if (fields.isEmpty) managers.delete(key);
      else if (fields !== manager.fields) managers.set(key, { ...manager, fields });
    }
    if (managers.get(selfKey)?.fields.isEmpty) managers.delete(selfKey);
    return comparison;
  }

  /** Removes what the applier applied last time and not this time, if nobody else manages it. */
  #prune(
    merged: Versioned,
    config: KubeObject,
    managers: Managers,
    self: Manager,
    last: Manager | undefined,
  ): Versioned {
    if (last === undefined || last.fields.isEmpty || this.#kind.schemaFor(last.apiVersion) === undefined) return merged;
    // All that was applied is applied still: there is nothing to remove.
    if (last === self || (last.apiVersion === self.apiVersion && last.fields.difference(self.fields).isEmpty))
      return merged;

    const schema = this.#schema(last.apiVersion);
    const whole = this.#convert(merged, last.apiVersion);
    const fields = namedFieldsOf(schema, whole.object);
    const applied = withNamedFields(schema, last.fields);
    const bare: Versioned = { object: removeItems(schema, whole.object, applied), apiVersion: last.apiVersion };
    const kept = this.#convert(this.#addBackManaged(whole, fields, bare, managers), last.apiVersion);

    // Only what this applier had applied may go; what nobody manages stays.
    const gone = fields.difference(namedFieldsOf(schema, kept.object)).intersection(applied);
    const managed = fieldsIn(last.apiVersion, managers);
    const object = withoutEmptied(schema, removeItems(schema, whole.object, gone), managed);
    const pruned = this.#convert({ object, apiVersion: last.apiVersion }, self.apiVersion);
    // What became empty is gone now, though the configuration may ask for an empty list or map there.
    return { ...pruned, object: mergeObjects(this.#schema(self.apiVersion), pruned.object, config) };
  }

  /**
   * Adds back all that any manager manages (the applier's new configuration included), version by version, starting
   * with the one that things were removed in: a conversion may need what was removed.
   */
  #addBackManaged(whole: Versioned, fieldsOfWhole: FieldSet, bare: Versioned, managers: Managers): Versioned {
    const managed = new Map<string, FieldSet>([[bare.apiVersion, EMPTY_FIELD_SET]]);
    for (const { apiVersion, fields } of managers.values()) {
      managed.set(apiVersion, (managed.get(apiVersion) ?? EMPTY_FIELD_SET).union(fields));
    }
    let pruned = bare;
    for (const [apiVersion, fields] of managed) {
      const schema = this.#kind.schemaFor(apiVersion);
      if (schema === undefined) continue;
      const from = this.#convert(whole, apiVersion);
      const all = apiVersion === whole.apiVersion ? fieldsOfWhole : namedFieldsOf(schema, from.object);
      const left = namedFieldsOf(schema, this.#convert(pruned, apiVersion).object);
      const gone = all.difference(left).difference(withNamedFields(schema, fields));
      pruned = { object: removeItems(schema, from.object, gone), apiVersion };
    }
    return pruned;
  }

  /** Brings fields in line with schemas that changed; entries of a version that is gone are gone with it. */
  #reconcile(live: Versioned, managers: Managers): Managers {
    const reconciled: Managers = new Map();
    for (const [key, manager] of managers) {
      const { apiVersion } = manager;
      const schema = this.#kind.schemaFor(apiVersion);
      if (schema === undefined) continue;
      // The schema of a built-in kind is made with the program: only a CRD's can differ from the time of writing.
      if (schema.name !== undefined) reconciled.set(key, manager);
      else {
        const { object } = this.#convert(live, apiVersion);
        const fields = reconcileWithSchema(schema, manager.fields, object, fieldsIn(apiVersion, managers));
        reconciled.set(key, fields === manager.fields ? manager : { ...manager, fields });
      }
    }
    return reconciled;
  }

  #convert(versioned: Versioned, apiVersion: string): Versioned {
    if (versioned.apiVersion === apiVersion) return versioned;
    const object = withoutEmptied(this.#schema(versioned.apiVersion), versioned.object, EMPTY_FIELD_SET);
    return { object: this.#kind.convert(object, apiVersion), apiVersion };
  }

  #exclude(comparison: Comparison, apiVersion: string): Comparison {
    return excludeFields(comparison, this.#kind.resetFields?.get(apiVersion));
  }

  #schema(apiVersion: string): ObjectSchema {
    const schema = this.#kind.schemaFor(apiVersion);
    if (schema === undefined) throw new Error(`no schema for ${apiVersion}`);
    return schema;
  }
}

/** What all managers together own in the terms of one version. */
function fieldsIn(apiVersion: string, managers: Managers): FieldSet {
  let fields = EMPTY_FIELD_SET;
  for (const manager of managers.values()) if (manager.apiVersion === apiVersion) fields = fields.union(manager.fields);
  return fields;
}
