import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, RoleRef } from '@pilothouse/api';
import type { UserInfo } from '../../authentication/user-info.ts';
import { LiveObjects } from '../../registry/live-objects.ts';
import type { Resources } from '../../registry/resources.ts';
import type { PolicyRule, RuleResolver } from '../rule-resolver.ts';
import { keysOfUser, subjectKey } from './subjects.ts';

const GROUP = 'rbac.authorization.k8s.io';

type Binding = ClusterRoleBinding | RoleBinding;

/** A rule and the binding it came through, which refusals and audit name. */
export interface GrantedRules {
  readonly binding: Binding;
  readonly rules: readonly PolicyRule[];
}

/** The stored roles and bindings, indexed by whom they bind. */
export class RbacPolicy implements RuleResolver {
  readonly #clusterRoles: LiveObjects<ClusterRole>;
  readonly #roles: LiveObjects<Role>;
  /** Bindings by subject; those of a namespace and those of the cluster together. */
  readonly #bySubject = new Map<string, Set<Binding>>();
  readonly ready: Promise<unknown>;

  constructor(resources: Resources) {
    const storeOf = (resource: string) => resources.get(GROUP, resource).registry.store;
    const index = (before: Binding | undefined, after: Binding | undefined) => this.#index(before, after);
    this.#clusterRoles = new LiveObjects<ClusterRole>(storeOf('clusterroles'));
    this.#roles = new LiveObjects<Role>(storeOf('roles'));
    const clusterBindings = new LiveObjects<ClusterRoleBinding>(storeOf('clusterrolebindings'), index);
    const bindings = new LiveObjects<RoleBinding>(storeOf('rolebindings'), index);
    this.ready = Promise.all([this.#clusterRoles.ready, this.#roles.ready, clusterBindings.ready, bindings.ready]);
  }

  #index(before: Binding | undefined, after: Binding | undefined): void {
    for (const key of keysOf(before)) {
      const set = this.#bySubject.get(key);
      set?.delete(before!);
      if (set?.size === 0) this.#bySubject.delete(key);
    }
    for (const key of keysOf(after)) {
      const set = this.#bySubject.get(key);
      if (set) set.add(after!);
      else this.#bySubject.set(key, new Set([after!]));
    }
  }

  /** What the user is granted in the namespace (and everywhere); lazily, because the first that allows is enough. */
  *grants(user: UserInfo, namespace: string): Generator<GrantedRules> {
    for (const key of keysOfUser(user)) {
      for (const binding of this.#bySubject.get(key) ?? []) {
        const bindingNamespace = binding.metadata?.namespace ?? '';
        if (bindingNamespace !== '' && bindingNamespace !== namespace) continue;
        const rules = this.rulesOf(binding.roleRef, bindingNamespace);
        if (rules) yield { binding, rules };
      }
    }
  }

  /** Undefined when the role does not exist. */
  rulesOf({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    const role = kind === 'ClusterRole' ? this.#clusterRoles.get(`/${name}`) : this.#roles.get(`${namespace}/${name}`);
    return role && ((role.rules ?? []) as readonly PolicyRule[]);
  }

  async rulesFor(user: UserInfo, namespace: string): Promise<{ rules: readonly PolicyRule[]; incomplete: boolean }> {
    const all = user.groups.includes('system:masters')
      ? [
          { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
          { verbs: ['*'], nonResourceURLs: ['*'] },
        ]
      : [];
    return { rules: [...all, ...[...this.grants(user, namespace)].flatMap(({ rules }) => rules)], incomplete: false };
  }
}

function keysOf(binding: Binding | undefined): string[] {
  return (binding?.subjects ?? []).map((subject) => subjectKey(subject, binding?.metadata?.namespace ?? ''));
}
