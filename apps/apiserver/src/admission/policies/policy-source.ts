import { forbidden, type KubeObject } from '@pilothouse/apimachinery';
import { LiveObjects } from '../../registry/live-objects.ts';
import type { Resources } from '../../registry/resources.ts';
import type { AdmissionAttributes } from '../attributes.ts';

const GROUP = 'admissionregistration.k8s.io';

interface Named extends KubeObject {
  readonly metadata: { readonly name?: string };
}

interface Binding extends Named {
  readonly spec: { readonly policyName?: string };
}

export interface BoundPolicy<P, B> {
  readonly policy: P;
  readonly bindings: readonly B[];
}

/** Policies with their bindings, followed from the storage's log. A policy without bindings does nothing. */
export class PolicySource<P extends Named, B extends Binding> {
  readonly #policies: LiveObjects<P>;
  readonly #bindings: LiveObjects<B>;
  #bound: readonly BoundPolicy<P, B>[] | undefined;
  #ready = false;

  constructor(resources: Resources, policies: string, bindings: string) {
    const changed = (): void => {
      this.#bound = undefined;
    };
    this.#policies = new LiveObjects<P>(resources.get(GROUP, policies).registry.store, changed);
    this.#bindings = new LiveObjects<B>(resources.get(GROUP, bindings).registry.store, changed);
    void Promise.all([this.#policies.ready, this.#bindings.ready]).then(() => {
      this.#ready = true;
    });
  }

  /** By policy name. Throws 403 while they are not known yet: a write must not slip past a policy. */
  boundFor({ definition, name }: AdmissionAttributes): readonly BoundPolicy<P, B>[] {
    if (!this.#ready) throw forbidden(definition, name, 'not yet ready to handle request');
    return (this.#bound ??= this.#join());
  }

  #join(): readonly BoundPolicy<P, B>[] {
    const byPolicy = new Map<string, B[]>();
    for (const binding of this.#bindings.values()) {
      const policyName = binding.spec.policyName ?? '';
      byPolicy.set(policyName, [...(byPolicy.get(policyName) ?? []), binding]);
    }
    return [...this.#policies.values()]
      .flatMap((policy) => {
        const bindings = byPolicy.get(policy.metadata.name ?? '') ?? [];
        return bindings.length > 0 ? [{ policy, bindings: bindings.sort(byName) }] : [];
      })
      .sort((a, b) => byName(a.policy, b.policy));
  }
}

const byName = (a: Named, b: Named): number => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1);
