import { forbidden } from '@pilothouse/apimachinery';
import { LiveObjects } from '../../registry/live-objects.ts';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import { hooksOf, type WebhookConfiguration, type WebhookHook } from './webhook-hook.ts';

/** Requests wait this long for the configurations after the server has started, as upstream's WaitForReady. */
const READY_TIMEOUT_MS = 10_000;

/** The webhooks that are configured now, followed from the storage's log. */
export class WebhookSource {
  readonly #configurations: LiveObjects<WebhookConfiguration>;
  #hooks: readonly WebhookHook[] | undefined;
  #ready = false;

  constructor(registry: ObjectRegistry) {
    this.#configurations = new LiveObjects(registry.store, () => {
      this.#hooks = undefined;
    });
    void this.#configurations.ready.then(() => {
      this.#ready = true;
    });
  }

  /** Throws 403 while the configurations are not known yet: a write must not slip past a webhook. */
  async hooksFor(attributes: AdmissionAttributes): Promise<readonly WebhookHook[]> {
    if (!this.#ready && !(await this.#readyInTime())) {
      throw forbidden(attributes.definition, attributes.name, 'not yet ready to handle request');
    }
    return (this.#hooks ??= hooksOf(this.#configurations.values()));
  }

  async #readyInTime(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), READY_TIMEOUT_MS);
    });
    const ready = this.#configurations.ready.then(() => true as const);
    return Promise.race([ready, late]).finally(() => clearTimeout(timer));
  }
}
