import { isAlreadyExists } from '@pilothouse/apimachinery';
import { type Namespace, namespaces, type ServiceAccount, serviceaccounts } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { isNamespaceTerminating } from '../pod-control.ts';

const DEFAULT_ACCOUNT = 'default';

/** Sees to it that every namespace has a service account named `default`. Mirrors pkg/controller/serviceaccount. */
export class ServiceAccountController implements Controller {
  readonly name = 'serviceaccount-controller';
  readonly workers = 2;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly namespaces: SharedInformer<Namespace>;
  private readonly accounts: SharedInformer<ServiceAccount>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.namespaces = context.informers.for(namespaces);
    this.accounts = context.informers.for(serviceaccounts);
    this.namespaces.addHandler({
      onAdd: (namespace) => this.queue.add(namespace.metadata.name ?? ''),
      onUpdate: (_, namespace) => this.queue.add(namespace.metadata.name ?? ''),
    });
    this.accounts.addHandler({
      onDelete: (account) => {
        if (account.metadata.name === DEFAULT_ACCOUNT) this.queue.add(account.metadata.namespace ?? '');
      },
    });
  }

  async reconcile(namespaceName: string): Promise<ReconcileResult> {
    const namespace = this.namespaces.lister.get(namespaceName);
    if (!namespace || namespace.status?.phase === 'Terminating' || namespace.metadata.deletionTimestamp) return;
    if (this.accounts.lister.get(`${namespaceName}/${DEFAULT_ACCOUNT}`)) return;
    try {
      await this.context.client
        .resource(serviceaccounts)
        .create(
          { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: DEFAULT_ACCOUNT, namespace: namespaceName } },
          { namespace: namespaceName },
        );
    } catch (error) {
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
    }
  }
}
