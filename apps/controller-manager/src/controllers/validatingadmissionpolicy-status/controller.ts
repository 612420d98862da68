import { deepEqual, isNotFound } from '@pilothouse/apimachinery';
import { type ValidatingAdmissionPolicy, validatingadmissionpolicies } from '@pilothouse/api';
import { DYN } from '@pilothouse/cel';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { checkTypes } from './check-types.ts';
import { kindsOf, paramsType } from './kind-types.ts';

/**
 * Tells in a policy's status what is wrong with its expressions for the kinds it names. Mirrors
 * pkg/controller/validatingadmissionpolicystatus.
 */
export class ValidatingAdmissionPolicyStatusController implements Controller {
  readonly name = 'validatingadmissionpolicy-status-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly policies: SharedInformer<ValidatingAdmissionPolicy>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.policies = context.informers.for(validatingadmissionpolicies);
    const enqueue = ({ metadata }: ValidatingAdmissionPolicy): void => this.queue.add(metadata.name ?? '');
    this.policies.addHandler({ onAdd: enqueue, onUpdate: (_, policy) => enqueue(policy) });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const policy = this.policies.lister.get(name);
    if (!policy) return;
    const generation = policy.metadata.generation ?? 0;
    if ((policy.status?.observedGeneration ?? 0) >= generation) return;
    const { client } = this.context;
    const params = policy.spec.paramKind && ((await paramsType(policy.spec.paramKind, client)) ?? DYN);
    const warnings = checkTypes(policy, await kindsOf(policy, client), params);
    const status = {
      ...policy.status,
      observedGeneration: generation,
      typeChecking: warnings.length > 0 ? { expressionWarnings: warnings } : {},
    };
    if (deepEqual(status, policy.status)) return;
    try {
      await client.resource(validatingadmissionpolicies).update({ ...policy, status }, { subresource: 'status' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
