import {
  deepEqual,
  isNotFound,
  methodNotSupported,
  StatusError,
  type KubeObject,
  type ResourceDefinition,
} from '@pilothouse/apimachinery';
import {
  isCrdConditionTrue,
  type CustomResourceDefinition,
  type CustomResourceDefinitionStatus,
} from '@pilothouse/api';
import type { Clock, Logger } from '@pilothouse/component';
import type { WebhookClient } from '../../admission/webhooks/webhook-client.ts';
import { systemContext } from '../../bootstrap/system-context.ts';
import { LiveObjects } from '../live-objects.ts';
import { keyOf } from '../object-registry.ts';
import type { Resources } from '../resources.ts';
import type { WriteHooks } from '../write-hooks.ts';
import { conversionWebhook } from './conversion-webhook.ts';
import { definitionFromCrd } from './definition-from-crd.ts';
import { planStatus, withCondition } from './plan-status.ts';

const GROUP = 'apiextensions.k8s.io';
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

const DELETIONS_AT_A_TIME = 16;

/** An instance that something holds back is looked at again after this. */
const RETRY_MS = 500;

/** What discovery shows of what is being deleted; changes are served, though. */
const TERMINATING_VERBS: readonly string[] = ['delete', 'deletecollection', 'get', 'list', 'watch'];

/** Nothing may be added to what is being deleted. */
function terminatingHooks(definition: ResourceDefinition): WriteHooks {
  return {
    beginCreate() {
      const { status } = methodNotSupported(definition, 'create');
      return Promise.reject(
        new StatusError({ ...status, message: 'create not allowed while custom resource definition is terminating' }),
      );
    },
  };
}

export interface CustomResourcesOptions {
  readonly resources: Resources;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Calls the webhooks that convert between versions. */
  readonly webhooks: WebhookClient;
}

/**
 * Serves what CustomResourceDefinitions define. Follows their log; for each, decides which of its names it gets and what
 * its conditions are, serves its resource while it is established, and removes its instances before it goes itself.
 * Upstream has a controller for each of these, in apiextensions-apiserver.
 */
export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #crds: LiveObjects<CustomResourceDefinition>;
  /** What each served CRD looked like to the definition made from it, by name. */
  readonly #served = new Map<string, { readonly seen: unknown; readonly group: string; readonly resource: string }>();
  /** Reconciles of one CRD follow each other. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  #closed = false;

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
    const { store } = options.resources.get(GROUP, 'customresourcedefinitions').registry;
    this.#crds = new LiveObjects<CustomResourceDefinition>(store, (before, after) => this.#changed(before, after));
  }

  /** Resolves once every CRD that was stored is served. */
  async ready(): Promise<void> {
    await this.#crds.ready;
    await Promise.all(this.#running.values());
  }

  close(): void {
    this.#closed = true;
    this.#crds.close();
  }

  #changed(before: CustomResourceDefinition | undefined, after: CustomResourceDefinition | undefined): void {
    const crd = after ?? before!;
    if (after) this.#serve(after);
    else this.#unserve(crd.metadata!.name!);
    if (after) this.#enqueue(crd.metadata!.name!);
    // A name that is given up may be what another waits for.
    for (const other of this.#crds.values()) {
      const waits =
        other.spec.group === crd.spec.group && other !== after && !isCrdConditionTrue(other, 'NamesAccepted');
      if (waits) this.#enqueue(other.metadata!.name!);
    }
  }

  #enqueue(name: string): void {
    if (this.#closed) return;
    if (this.#running.has(name)) {
      this.#again.add(name);
      return;
    }
    const run = this.#reconcile(name)
      .catch((error: unknown) => this.#retry(name, error))
      .finally(() => {
        this.#running.delete(name);
        if (this.#again.delete(name)) this.#enqueue(name);
      });
    this.#running.set(name, run);
  }

  #retry(name: string, error: unknown): void {
    // One that has gone in the meantime needs nothing any more.
    if (this.#closed || isNotFound(error) || this.#crds.get(`/${name}`) === undefined) return;
    this.#options.logger.warn({ crd: name, error }, 'Custom resource definition could not be reconciled');
    this.#later(name);
  }

  #later(name: string): void {
    void this.#options.clock.sleep(RETRY_MS).then(() => this.#enqueue(name));
  }

  async #reconcile(name: string): Promise<void> {
    const crd = this.#crds.get(`/${name}`);
    if (crd === undefined) return;
    const status = planStatus(crd, this.#crds.values(), this.#options.clock.now());
    const next = { ...crd, status } as CustomResourceDefinition;
    // Who reads that it is established must find it served.
    this.#serve(next);
    if (status !== crd.status) await this.#writeStatus(name, () => status!, crd);
    const finalizers = crd.metadata?.finalizers ?? [];
    if (crd.metadata?.deletionTimestamp !== undefined) {
      if (finalizers.includes(CLEANUP_FINALIZER)) await this.#cleanUp(name, next);
    } else if (isCrdConditionTrue(next, 'Established') && !finalizers.includes(CLEANUP_FINALIZER)) {
      await this.#writeFinalizers(name, (current) => [...new Set([...current, CLEANUP_FINALIZER])]);
    }
  }

  #serve(crd: CustomResourceDefinition): void {
    const name = crd.metadata!.name!;
    if (!isCrdConditionTrue(crd, 'Established')) return;
    const seen = { spec: crd.spec, names: crd.status!.acceptedNames };
    const before = this.#served.get(name);
    if (!before || !deepEqual(before.seen, seen)) this.#define(crd, seen, before !== undefined);
    const served = this.#served.get(name);
    const resource = served && this.#options.resources.find(served.group, served.resource);
    if (resource === undefined) return;
    const isTerminating = isCrdConditionTrue(crd, 'Terminating');
    resource.registry.hooks = isTerminating ? terminatingHooks(resource.definition) : {};
    this.#options.resources.announce(resource, isTerminating ? TERMINATING_VERBS : undefined);
  }

  #define(crd: CustomResourceDefinition, seen: unknown, isServed: boolean): void {
    const name = crd.metadata!.name!;
    const { resources, webhooks, logger } = this.#options;
    try {
      const definition = definitionFromCrd(crd, conversionWebhook(crd, webhooks));
      if (isServed) resources.replace(definition);
      else resources.add(definition);
      this.#served.set(name, { seen, group: definition.group, resource: definition.resource });
    } catch (error) {
      // One that cannot be served must not keep the others from being served.
      logger.error({ crd: name, error }, 'Custom resource definition cannot be served');
    }
  }

  #unserve(name: string): void {
    const served = this.#served.get(name);
    if (served === undefined) return;
    this.#served.delete(name);
    this.#options.resources.remove(served.group, served.resource);
  }

  /** Deletes every instance; the finalizer goes when none is left. */
  async #cleanUp(name: string, crd: CustomResourceDefinition): Promise<void> {
    const remaining = await this.#deleteInstances(crd);
    if (remaining > 0) {
      this.#later(name);
      return;
    }
    const now = this.#options.clock.now();
    const done = {
      type: 'Terminating',
      status: 'False',
      reason: 'InstanceDeletionCompleted',
      message: 'removed all instances',
    } as const;
    await this.#writeStatus(name, (status) => withCondition(status, done, now));
    await this.#writeFinalizers(name, (current) => current.filter((each) => each !== CLEANUP_FINALIZER));
  }

  /** How many are still there, because finalizers of their own hold them. */
  async #deleteInstances({ spec, status }: CustomResourceDefinition): Promise<number> {
    const { resources, clock } = this.#options;
    const served = resources.find(spec.group, status!.acceptedNames.plural);
    if (served === undefined) return 0;
    const { registry } = served;
    const list = () => registry.store.list({ namespace: '', resourceVersion: '', unfiltered: true });
    const instances = (await list()).items.values();
    const work = async (): Promise<void> => {
      for (const { object } of instances) {
        const key = keyOf(object);
        try {
          await registry.delete(key, {}, systemContext(clock.now(), key.namespace));
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: DELETIONS_AT_A_TIME }, work));
    return (await list()).items.length;
  }

  /** `seen` is what the change was decided on: when it is no longer what is stored, a newer event brings a new decision. */
  async #writeStatus(
    name: string,
    change: (status: CustomResourceDefinitionStatus) => CustomResourceDefinitionStatus,
    seen?: CustomResourceDefinition,
  ): Promise<void> {
    await this.#update(name, 'status', (crd) => {
      const outdated = seen && crd.metadata?.resourceVersion !== seen.metadata?.resourceVersion;
      return outdated ? crd : { ...crd, status: change(crd.status!) };
    });
  }

  async #writeFinalizers(name: string, change: (finalizers: readonly string[]) => string[]): Promise<void> {
    await this.#update(name, undefined, (crd) => {
      const finalizers = change(crd.metadata?.finalizers ?? []);
      const { finalizers: _, ...metadata } = crd.metadata ?? {};
      return { ...crd, metadata: finalizers.length > 0 ? { ...metadata, finalizers } : metadata };
    });
  }

  async #update(
    name: string,
    subresource: string | undefined,
    change: (crd: CustomResourceDefinition) => KubeObject,
  ): Promise<void> {
    const { resources, clock } = this.#options;
    const { registry, definition } = resources.get(GROUP, 'customresourcedefinitions');
    const view = definition.subresources.find((each) => each.name === subresource);
    await registry.update(
      { namespace: '', name },
      (current) => change(current!.object as CustomResourceDefinition),
      systemContext(clock.now()),
      { ...(view ? { subresource: view } : {}), allowUnconditional: true },
    );
  }
}
