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
  mutate?(attributes: AdmissionAttributes, reinvocation: Reinvocation): Promise<void> | void;
  validate?(attributes: AdmissionAttributes): Promise<void> | void;
}

/** Plugins in order: all mutate, then all validate. The first refusal stands. */
export class AdmissionChain {
  readonly plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.plugins = plugins;
  }

  /** Both passes at once, for what has no storage rules between them: deletes, connects, actions on a subresource. */
  async admit(attributes: AdmissionAttributes): Promise<void> {
    await this.mutate(attributes);
    await this.validate(attributes);
  }

  /** Runs a second time when a webhook or a policy changed the object, so that what ran before it sees the change. */
  async mutate(attributes: AdmissionAttributes): Promise<void> {
    const reinvocation = new Reinvocation();
    await this.#mutateOnce(attributes, reinvocation);
    if (!reinvocation.isWanted) return;
    reinvocation.begin();
    await this.#mutateOnce(attributes, reinvocation);
  }

  async #mutateOnce(attributes: AdmissionAttributes, reinvocation: Reinvocation): Promise<void> {
    for (const plugin of this.plugins) {
      if (plugin.mutate && plugin.operations.includes(attributes.operation))
        await plugin.mutate(attributes, reinvocation);
    }
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.plugins) {
      if (plugin.validate && plugin.operations.includes(attributes.operation)) await plugin.validate(attributes);
    }
  }
}
