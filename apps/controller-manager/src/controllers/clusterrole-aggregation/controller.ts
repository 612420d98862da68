import { deepEqual, isNotFound, selectorFromLabelSelector } from '@pilothouse/apimachinery';
import { type ClusterRole, clusterroles, type PolicyRule } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';

/**
 * Fills roles such as `admin` with the rules of all roles that their selectors name, so that an operator's own role
 * with `rbac.authorization.k8s.io/aggregate-to-admin` widens it. Mirrors pkg/controller/clusterroleaggregation.
 */
export class ClusterRoleAggregationController implements Controller {
  readonly name = 'clusterrole-aggregation-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly roles: SharedInformer<ClusterRole>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.roles = context.informers.for(clusterroles);
    // Labels decide who takes part, so any change may concern any aggregated role; there are few of those.
    const enqueue = (): void => {
      for (const role of this.roles.lister.list()) if (role.aggregationRule) this.queue.add(role.metadata.name ?? '');
    };
    this.roles.addHandler({ onAdd: enqueue, onUpdate: enqueue, onDelete: enqueue });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const role = this.roles.lister.get(name);
    if (!role?.aggregationRule) return;
    const rules = planRules(role, this.roles.lister.list());
    if (deepEqual(rules, role.rules ?? [])) return;
    const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules };
    try {
      await this.context.client
        .resource(clusterroles)
        .patch(name, { type: 'apply', body }, { fieldManager: this.name, force: true });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** The rules of all selected roles, by role name, each rule once. Pure. */
export function planRules(role: ClusterRole, roles: readonly ClusterRole[]): PolicyRule[] {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map((each) => selectorFromLabelSelector(each));
  const rules: PolicyRule[] = [];
  for (const selector of selectors) {
    const selected = roles
      .filter((each) => each.metadata.name !== role.metadata.name && selector.matches(each.metadata.labels))
      .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
    for (const rule of selected.flatMap((each) => each.rules ?? [])) {
      if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
