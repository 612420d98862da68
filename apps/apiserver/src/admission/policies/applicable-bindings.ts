import type { MatchResources } from '@pilothouse/api';
import type { Resources } from '../../registry/resources.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { Invocation } from '../webhooks/invocation.ts';
import { matchResources } from './match-resources.ts';
import type { BoundPolicy } from './policy-source.ts';

interface Policy {
  readonly spec: { readonly matchConstraints?: MatchResources };
}

interface Binding {
  readonly spec: { readonly matchResources?: MatchResources };
}

export interface ApplicableBinding<P, B> {
  readonly policy: P;
  readonly binding: B;
  /** As the policy's constraints match the request; a binding's own can only narrow them. */
  readonly invocation: Invocation;
}

/** The bindings that apply to a request, each looked at when its turn comes: the one before may have changed the object. */
export async function* applicableBindings<P extends Policy, B extends Binding>(
  bound: readonly BoundPolicy<P, B>[],
  attributes: AdmissionAttributes,
  resources: Resources,
): AsyncGenerator<ApplicableBinding<P, B>> {
  for (const { policy, bindings } of bound) {
    const invocation = await matchResources(policy.spec.matchConstraints, attributes, resources);
    if (invocation === undefined) continue;
    for (const binding of bindings) {
      const own = binding.spec.matchResources;
      if (own && !(await matchResources(own, attributes, resources))) continue;
      yield { policy, binding, invocation };
    }
  }
}
