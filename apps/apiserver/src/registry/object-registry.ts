import {
  alreadyExists,
  conflict,
  createCodec,
  deepClone,
  decodeJsonValue,
  deepEqual,
  isAlreadyExists,
  isNotFound,
  notFound,
  OPTIMISTIC_LOCK_MESSAGE,
  type StatusError,
  type KubeObject,
  type ObjectCodec,
  type ResourceDefinition,
  type Strategy,
  type SubresourceDefinition,
} from '@pilothouse/apimachinery';
import {
  resourceVersionSetOnCreate,
  type ObjectName,
  type ResourceStore,
  type StoredObject,
} from '@pilothouse/storage';
import { beforeCreate } from './before-create.ts';
import { ConvertedVersions } from './converted-versions.ts';
import { beforeUpdate, requireName, requireResourceVersion } from './before-update.ts';
import {
  checkPreconditions,
  checkUid,
  isFinishedByUpdate,
  planDeletion,
  type DeleteOptions,
  type DeletionPlan,
} from './deletion.ts';
import { keepAllButStatus, keepStatus } from './keep-status.ts';
import { fillSystemMetadata } from './metadata.ts';
import { namesVersion, objectVersion, withoutVersion } from './object-version.ts';
import { takenName } from './taken-name.ts';
import { transientObject } from './transient-object.ts';
import { DryRunDone, FinishedByUpdate, Outdated, UpdateAttempt } from './update-attempt.ts';
import type { WriteContext } from './write-context.ts';
import type { Finish, WriteHooks } from './write-hooks.ts';

/** How often a create with generateName is tried before the collision is the client's. */
const GENERATE_NAME_ATTEMPTS = 8;

/** Admission's last word, called with what is about to be stored. */
export type ValidateAdmission = (object: KubeObject, old: KubeObject | undefined) => Promise<void>;

export interface UpdateOptions {
  /** The view that is written to; absent for the object itself. */
  readonly subresource?: SubresourceDefinition;
  readonly validateAdmission?: ValidateAdmission;
  /** Server-side apply creates whatever the kind says; a subresource never creates. */
  readonly allowCreate?: boolean;
  /** The object that is meant, even if there is none: a PUT says it in its body. */
  readonly uid?: string;
  /** A patch or a subresource need not name the version it read. */
  readonly allowUnconditional?: boolean;
}

export interface DeleteResult {
  readonly object: StoredObject;
  /** False: it is still there, waiting for its grace period or its finalizers. */
  readonly gone: boolean;
}

/** Makes the object to store from what is stored; undefined when there is nothing yet. The result is given away. */
export type Produce = (current: StoredObject | undefined) => Promise<KubeObject> | KubeObject;

/**
 * The write rules that all resources share, over one resource's store. Objects are in the storage version, or where a
 * webhook converts in that of the request, and in normal form. Upstream: k8s.io/apiserver/pkg/registry/generic/registry.Store.
 */
export class ObjectRegistry {
  readonly definition: ResourceDefinition;
  readonly store: ResourceStore;
  readonly codec: ObjectCodec;
  hooks: WriteHooks = {};
  readonly #converted: ConvertedVersions;

  constructor(definition: ResourceDefinition, store: ResourceStore, storageSchema: ObjectCodec['schema']) {
    this.definition = definition;
    this.store = store;
    this.codec = createCodec(storageSchema);
    this.#converted = new ConvertedVersions(definition);
  }

  get(key: ObjectName, resourceVersion = ''): Promise<StoredObject> {
    return this.store.get(key, { resourceVersion });
  }

  /** The object as of the log, without asking etcd: for admission and authorization, which run on every request. */
  async peek(key: ObjectName): Promise<StoredObject | undefined> {
    try {
      return await this.store.get(key, { resourceVersion: '0' });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async create(
    object: KubeObject,
    context: WriteContext,
    validateAdmission?: ValidateAdmission,
  ): Promise<StoredObject> {
    const { name, generateName } = object.metadata ?? {};
    const generates = !name && generateName !== undefined && generateName !== '';
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#createOnce(generates ? deepClone(object) : object, context, validateAdmission);
      } catch (error) {
        if (!generates || !isAlreadyExists(error) || attempt >= GENERATE_NAME_ATTEMPTS) throw error;
      }
    }
  }

  async #createOnce(object: KubeObject, context: WriteContext, validateAdmission?: ValidateAdmission) {
    if (!object.metadata?.uid) fillSystemMetadata(object, context.now);
    return this.#withFinish(await this.hooks.beginCreate?.(object, context), async () => {
      beforeCreate(this.definition, object, context);
      const normal = this.#normalForm(object);
      await validateAdmission?.(normal, undefined);
      const key = keyOf(normal);
      const toStore = await this.#converted.toStored(normal);
      if (!context.dryRun) return this.#store(key, toStore);
      if ((await this.#find(key)) !== undefined) {
        throw await this.#taken(alreadyExists(this.definition, key.name), toStore);
      }
      return transientObject(key, toStore, 0, this.codec);
    });
  }

  async #store(key: ObjectName, object: KubeObject): Promise<StoredObject> {
    if (namesVersion(object)) throw resourceVersionSetOnCreate();
    try {
      return await this.store.create(key, withoutVersion(object));
    } catch (error) {
      throw isAlreadyExists(error) ? await this.#taken(error as StatusError, object) : error;
    }
  }

  async #taken(error: StatusError, object: KubeObject): Promise<StatusError> {
    return takenName(error, object, (await this.#find(keyOf(object)))?.object);
  }

  async #find(key: ObjectName): Promise<StoredObject | undefined> {
    try {
      return await this.store.get(key, { resourceVersion: '' });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Reads, lets `produce` make the new object, checks it and writes it, again when somebody else was faster. */
  async update(
    key: ObjectName,
    produce: Produce,
    context: WriteContext,
    options: UpdateOptions = {},
  ): Promise<{ object: StoredObject; created: boolean }> {
    const allowCreate =
      options.subresource === undefined &&
      (options.allowCreate === true || this.definition.strategy.allowCreateOnUpdate);
    for (;;) {
      const attempt = new UpdateAttempt();
      try {
        const object = await this.store.update(
          key,
          async (current) => {
            // The attempt before this one lost the race.
            await attempt.finish(false);
            attempt.created = current === undefined;
            if (options.uid !== undefined) checkUid(this.definition, key, current?.object.metadata?.uid, options.uid);
            if (current === undefined && !allowCreate) throw notFound(this.definition, key.name);
            const next =
              current === undefined
                ? await this.#changeToCreate(key, produce, context, options, attempt)
                : await this.#change(key, current, produce, context, options, attempt);
            if (context.dryRun) throw new DryRunDone(transientObject(key, next, current?.revision ?? 0, this.codec));
            return next;
          },
          { createIfAbsent: allowCreate || options.uid !== undefined },
        );
        await attempt.finish(true);
        return { object, created: attempt.created };
      } catch (error) {
        await attempt.finish(false);
        if (error instanceof DryRunDone) return { object: error.object, created: attempt.created };
        if (!(error instanceof FinishedByUpdate)) throw error;
        const object = await this.#removeFinished(key, error.expected, context);
        if (object) return { object, created: false };
      }
    }
  }

  async #changeToCreate(
    key: ObjectName,
    produce: Produce,
    context: WriteContext,
    options: UpdateOptions,
    attempt: UpdateAttempt,
  ): Promise<KubeObject> {
    const object = await produce(undefined);
    requireName(object, key);
    fillSystemMetadata(object, context.now);
    attempt.onFinish = await this.hooks.beginCreate?.(object, context);
    beforeCreate(this.definition, object, context);
    const normal = this.#normalForm(object);
    await options.validateAdmission?.(normal, undefined);
    return withoutVersion(await this.#converted.toStored(normal));
  }

  async #change(
    key: ObjectName,
    current: StoredObject,
    produce: Produce,
    context: WriteContext,
    options: UpdateOptions,
    attempt: UpdateAttempt,
  ): Promise<KubeObject> {
    const old = (await context.served?.underWrite(current)) ?? current.object;
    const object = this.#view(await produce(current), old, options.subresource, context.version);
    requireName(object, key);
    const version = objectVersion(object);
    if (version === 0n && !options.allowUnconditional) requireResourceVersion(this.definition, object);
    if (version !== 0n && version !== objectVersion(old)) {
      throw conflict(this.definition, key.name, OPTIMISTIC_LOCK_MESSAGE);
    }
    const strategy = this.#strategyOf(options.subresource);
    attempt.onFinish = await this.hooks.beginUpdate?.(object, old, context);
    beforeUpdate(this.definition, strategy, object, old, context);
    const normal = this.#normalForm(object);
    await options.validateAdmission?.(normal, old);
    // What is still stored in an older version is written anew, so that a migration need only touch it.
    if (sameBesidesVersion(normal, old) && this.#converted.isStored(current.object)) return current.object;
    const finished = isFinishedByUpdate(normal, old) && !this.hooks.isHeld?.(normal);
    if (finished && !context.dryRun) throw new FinishedByUpdate(current);
    return this.#converted.toStored(normal);
  }

  /** What a write through this view may change. */
  #view(
    object: KubeObject,
    old: KubeObject,
    subresource: SubresourceDefinition | undefined,
    version: string | undefined,
  ): KubeObject {
    if (subresource?.name === 'status') return keepAllButStatus(object, old);
    if (subresource === undefined) keepStatus(this.definition, object, old, version);
    return object;
  }

  #strategyOf(subresource: SubresourceDefinition | undefined): Strategy {
    const { strategy } = this.definition;
    if (subresource === undefined) return strategy;
    const { prepareForUpdate: _prepare, updateChecks: _checks, warnings: _warnings, ...rest } = strategy;
    return { ...rest, validateUpdate: () => [], ...subresource.strategy };
  }

  /** Patches, hooks and admission leave fields where they like; what is stored is what a later read shows. */
  #normalForm(object: KubeObject): KubeObject {
    return decodeJsonValue(this.#converted.schemaOf(object) ?? this.codec.schema, object).object;
  }

  /** Undefined when the object has changed in the meantime: the update must be tried again. */
  async #removeFinished(key: ObjectName, expected: StoredObject, context: WriteContext) {
    try {
      const object = await this.store.delete(key, (current) => {
        if (current.revision !== expected.revision) throw new Outdated();
      });
      await this.hooks.afterDelete?.(object.object, context);
      return object;
    } catch (error) {
      if (error instanceof Outdated) return undefined;
      throw error;
    }
  }

  /** Removes the object, or marks it when a grace period or finalizers stand in the way. */
  async delete(
    key: ObjectName,
    options: DeleteOptions,
    context: WriteContext,
    validateAdmission?: ValidateAdmission,
  ): Promise<DeleteResult> {
    for (;;) {
      const current = await this.store.get(key, { resourceVersion: '' });
      const plan = await this.#checkedPlan(current, options, context, validateAdmission);
      if (plan.act === 'nothing') return { object: current, gone: false };
      if (context.dryRun) return this.#dryDelete(current, plan);
      const result =
        plan.act === 'remove'
          ? await this.#remove(key, current, options, context, validateAdmission)
          : await this.#mark(key, current, options, context, validateAdmission);
      if (result) return result;
    }
  }

  async #checkedPlan(
    current: StoredObject,
    options: DeleteOptions,
    context: WriteContext,
    validateAdmission?: ValidateAdmission,
  ): Promise<DeletionPlan> {
    checkPreconditions(this.definition, current.object.metadata ?? {}, options.preconditions);
    await validateAdmission?.(current.object, current.object);
    return this.#plan(current, options, context);
  }

  #plan(current: StoredObject, options: DeleteOptions, { now }: WriteContext): DeletionPlan {
    return (this.hooks.planDeletion ?? planDeletion)(this.definition, current.object, options, now);
  }

  #dryDelete(current: StoredObject, plan: DeletionPlan): DeleteResult {
    if (plan.act !== 'mark') return { object: current, gone: true };
    return { object: transientObject(current.key, plan.object, current.revision, this.codec), gone: false };
  }

  /** Undefined when the plan no longer fits what is stored. */
  async #remove(
    key: ObjectName,
    seen: StoredObject,
    options: DeleteOptions,
    context: WriteContext,
    validateAdmission?: ValidateAdmission,
  ): Promise<DeleteResult | undefined> {
    try {
      const object = await this.store.delete(key, async (current) => {
        if (current.revision === seen.revision) return;
        const plan = await this.#checkedPlan(current, options, context, validateAdmission);
        if (plan.act !== 'remove') throw new Outdated();
      });
      await this.hooks.afterDelete?.(object.object, context);
      return { object, gone: true };
    } catch (error) {
      if (error instanceof Outdated) return undefined;
      throw error;
    }
  }

  async #mark(
    key: ObjectName,
    seen: StoredObject,
    options: DeleteOptions,
    context: WriteContext,
    validateAdmission?: ValidateAdmission,
  ): Promise<DeleteResult | undefined> {
    try {
      const object = await this.store.update(key, async (current) => {
        if (current === undefined) throw notFound(this.definition, key.name);
        const plan =
          current.revision === seen.revision
            ? this.#plan(current, options, context)
            : await this.#checkedPlan(current, options, context, validateAdmission);
        if (plan.act === 'remove') throw new Outdated();
        return plan.act === 'mark' ? this.#converted.toStored(plan.object) : current.object;
      });
      return { object, gone: false };
    } catch (error) {
      if (error instanceof Outdated) return undefined;
      throw error;
    }
  }

  async #withFinish<T>(finish: Finish | undefined, write: () => Promise<T>): Promise<T> {
    try {
      const result = await write();
      await finish?.(true);
      return result;
    } catch (error) {
      await finish?.(false);
      throw error;
    }
  }
}

export function keyOf(object: KubeObject): ObjectName {
  return { namespace: object.metadata?.namespace ?? '', name: object.metadata?.name ?? '' };
}

/** Nothing would change but the version itself and when managers last touched it: no write, no event. */
function sameBesidesVersion(object: KubeObject, old: KubeObject): boolean {
  return deepEqual(comparable(object), comparable(old));
}

function comparable(object: KubeObject): unknown {
  const { resourceVersion: _, managedFields, ...metadata } = object.metadata ?? {};
  return {
    ...object,
    metadata: { ...metadata, managedFields: managedFields?.map(({ time: _time, ...entry }) => entry) },
  };
}
