import { readFileSync } from 'node:fs';
import { isConflict, isNotFound } from '@pilothouse/apimachinery';
import { type Secret, secrets, type ServiceAccount, serviceaccounts } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { ACCOUNT_NAME, planToken, TOKEN_TYPE } from './plan.ts';

/**
 * Fills Secrets of type `kubernetes.io/service-account-token`, and deletes them with their accounts.
 * Mirrors pkg/controller/serviceaccount/tokens_controller.go.
 */
export class ServiceAccountTokenController implements Controller {
  readonly name = 'serviceaccount-token-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly keyFile: string;
  private readonly tokens: SharedInformer<Secret>;
  private readonly accounts: SharedInformer<ServiceAccount>;

  constructor(context: ControllerContext, keyFile: string) {
    this.context = context;
    this.keyFile = keyFile;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.tokens = context.informers.for(secrets, { fieldSelector: `type=${TOKEN_TYPE}` });
    this.accounts = context.informers.for(serviceaccounts);
    this.tokens.addIndex('account', (secret) => [`${secret.metadata.namespace}/${accountOf(secret)}`]);
    const enqueue = ({ metadata }: Secret): void => this.queue.add(`${metadata.namespace}/${metadata.name}`);
    this.tokens.addHandler({ onAdd: enqueue, onUpdate: (_, secret) => enqueue(secret), onDelete: enqueue });
    const enqueueTokens = ({ metadata }: ServiceAccount): void =>
      this.tokens.lister.byIndex('account', `${metadata.namespace}/${metadata.name}`).forEach(enqueue);
    this.accounts.addHandler({ onAdd: enqueueTokens, onDelete: enqueueTokens });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const secret = this.tokens.lister.get(key);
    if (!secret) return this.forgetReferences(key);
    const name = accountOf(secret);
    if (name === '' || secret.metadata.deletionTimestamp) return;
    const { namespace = '' } = secret.metadata;
    const plan = planToken(secret, await this.fetchAccount(namespace, name), {
      privateKeyPem: readFileSync(this.keyFile, 'utf8'),
      rootCa: this.context.options.rootCa,
    });
    const client = this.context.client.resource(secrets);
    try {
      if (plan.do === 'update') await client.update(plan.secret, { namespace });
      if (plan.do === 'delete') {
        const { uid } = secret.metadata;
        await client.delete(secret.metadata.name ?? '', { namespace, preconditions: uid ? { uid } : {} });
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** A Secret is only deleted for want of an account when the apiserver says so too. */
  private async fetchAccount(namespace: string, name: string): Promise<ServiceAccount | undefined> {
    const cached = this.accounts.lister.get(`${namespace}/${name}`);
    if (cached) return cached;
    return this.context.client
      .resource(serviceaccounts)
      .get(name, { namespace })
      .catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
  }

  /** Accounts once named their tokens; one that is gone must not stay in such a list. */
  private async forgetReferences(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    for (const account of this.accounts.lister.list(namespace)) {
      if (!account.secrets?.some((each) => each.name === name)) continue;
      const left = account.secrets.filter((each) => each.name !== name);
      try {
        await this.context.client.resource(serviceaccounts).update({ ...account, secrets: left }, { namespace });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
  }
}

const accountOf = ({ metadata }: Secret): string => metadata.annotations?.[ACCOUNT_NAME] ?? '';
