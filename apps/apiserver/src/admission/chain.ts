import type { AdmissionMetrics } from './admission-metrics.ts';
import type { AdmissionAttributes, Operation } from './attributes.ts';
import { Reinvocation } from './reinvocation.ts';

/**
 * Looks at every write once it is authenticated, authorized and decoded, and may change it (first pass) or refuse it
 * (second pass). https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
export interface AdmissionPlugin {
  /** As in `--enable-admission-plugins`. */
  readonly name: string;
  readonly operations: readonly Operation[];
  /** Before the first request, of plugins that are switched on; throws when its configuration does not do. */
  configure?(): void;
  mutate?(attributes: AdmissionAttributes, reinvocation: Reinvocation): Promise<void> | void;
  validate?(attributes: AdmissionAttributes): Promise<void> | void;
}

/** Plugins in order: all mutate, then all validate. The first refusal stands. */
export class AdmissionChain {
  readonly plugins: readonly AdmissionPlugin[];
  readonly #metrics: AdmissionMetrics;

  constructor(plugins: readonly AdmissionPlugin[], metrics: AdmissionMetrics) {
    this.plugins = plugins;
    this.#metrics = metrics;
  }

  /** Both passes at once, for what has no storage rules between them: deletes, connects, actions on a subresource. */
  async admit(attributes: AdmissionAttributes): Promise<void> {
    await this.mutate(attributes);
    await this.validate(attributes);
  }

  /** Runs a second time when a webhook or a policy changed the object, so that what ran before it sees the change. */
  mutate(attributes: AdmissionAttributes): Promise<void> {
    return this.#metrics.step('admit', attributes.operation, async () => {
      const reinvocation = new Reinvocation();
      await this.#mutateOnce(attributes, reinvocation);
      if (!reinvocation.isWanted) return;
      reinvocation.begin();
      await this.#mutateOnce(attributes, reinvocation);
    });
  }

  async #mutateOnce(attributes: AdmissionAttributes, reinvocation: Reinvocation): Promise<void> {
    const { operation } = attributes;
    for (const plugin of this.plugins) {
      if (!plugin.mutate || !plugin.operations.includes(operation)) continue;
      await this.#metrics.controller(plugin.name, 'admit', operation, () => plugin.mutate!(attributes, reinvocation));
    }
  }

  validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation } = attributes;
    return this.#metrics.step('validate', operation, async () => {
      for (const plugin of this.plugins) {
        if (!plugin.validate || !plugin.operations.includes(operation)) continue;
        await this.#metrics.controller(plugin.name, 'validate', operation, () => plugin.validate!(attributes));
      }
    });
  }
}
