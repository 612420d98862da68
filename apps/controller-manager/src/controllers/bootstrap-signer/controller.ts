import { isNotFound } from '@pilothouse/apimachinery';
import { type ConfigMap, configmaps, type Secret, secrets } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { planSignatures } from './plan.ts';

const NAMESPACE = 'kube-public';
const NAME = 'cluster-info';

/**
 * Signs the ConfigMap by which nodes that join learn whom to trust, with every bootstrap token that may sign. It has one
 * key. Mirrors pkg/controller/bootstrap/bootstrapsigner.go.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing
 */
export class BootstrapSigner implements Controller {
  readonly name = 'bootstrap-signer-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly configMaps: SharedInformer<ConfigMap>;
  private readonly tokens: SharedInformer<Secret>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.configMaps = context.informers.for(configmaps, {
      namespace: NAMESPACE,
      fieldSelector: `metadata.name=${NAME}`,
    });
    this.tokens = context.informers.for(secrets, {
      namespace: 'kube-system',
      fieldSelector: 'type=bootstrap.kubernetes.io/token',
    });
    const enqueue = (): void => this.queue.add(NAME);
    this.configMaps.addHandler({ onAdd: enqueue, onUpdate: enqueue });
    this.tokens.addHandler({ onAdd: enqueue, onUpdate: enqueue, onDelete: enqueue });
  }

  async reconcile(): Promise<ReconcileResult> {
    const configMap = this.configMaps.lister.get(`${NAMESPACE}/${NAME}`);
    const before = configMap?.data ?? {};
    const data = planSignatures(before, this.tokens.lister.list(), this.context.clock.now());
    if (!configMap || data === before) return;
    try {
      await this.context.client
        .resource(configmaps)
        .update({ ...configMap, data: { ...data } }, { namespace: NAMESPACE });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
