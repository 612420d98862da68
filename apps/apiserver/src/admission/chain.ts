import type { AdmissionAttributes, Operation } from './attributes.ts';

/**
 * Looks at every write once it is authenticated, authorized and decoded, and may change it (first pass) or refuse it
 * (second pass). https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
export interface AdmissionPlugin {
  /** As in `--enable-admission-plugins`. */
  readonly name: string;
  readonly operations: readonly Operation[];
  mutate?(attributes: AdmissionAttributes): Promise<void> | void;
  validate?(attributes: AdmissionAttributes): Promise<void> | void;
}

/** Plugins in order: all mutate, then all validate. The first refusal stands. */
export class AdmissionChain {
  readonly plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.plugins = plugins;
  }

  async mutate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.plugins) {
      if (plugin.mutate && plugin.operations.includes(attributes.operation)) await plugin.mutate(attributes);
    }
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.plugins) {
      if (plugin.validate && plugin.operations.includes(attributes.operation)) await plugin.validate(attributes);
    }
  }
}
