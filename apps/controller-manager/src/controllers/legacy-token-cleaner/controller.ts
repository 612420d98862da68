import { isConflict, isNotFound } from '@pilothouse/apimachinery';
import {
  configmaps,
  type Pod,
  pods,
  type Secret,
  secrets,
  type ServiceAccount,
  serviceaccounts,
} from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { ACCOUNT_NAME, TOKEN_TYPE } from '../serviceaccount-token/plan.ts';
import { formatDay, INVALID_SINCE, planToken, type Unused } from './plan.ts';

const ROUND = 'round';
const PERIOD_MS = 24 * 3_600_000;
const TRACKING = 'kube-apiserver-legacy-service-account-token-tracking';

/**
 * Makes generated tokens of accounts invalid that nobody uses, and deletes them later. It has one key: a daily round.
 * Mirrors pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go.
 */
export class LegacyTokenCleaner implements Controller {
  readonly name = 'legacy-serviceaccount-token-cleaner-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly tokens: SharedInformer<Secret>;
  private readonly accounts: SharedInformer<ServiceAccount>;
  private readonly pods: SharedInformer<Pod>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.tokens = context.informers.for(secrets, { fieldSelector: `type=${TOKEN_TYPE}` });
    this.accounts = context.informers.for(serviceaccounts);
    this.pods = context.informers.for(pods);
    this.queue.add(ROUND);
  }

  async reconcile(): Promise<ReconcileResult> {
    const unused: Unused = {
      now: this.context.clock.now(),
      periodMs: this.context.options.legacyServiceAccountTokenCleanUpPeriodMs,
      trackedSince: await this.fetchTrackedSince(),
    };
    for (const secret of this.tokens.lister.list()) await this.clean(secret, unused);
    return { requeueAfterMs: PERIOD_MS };
  }

  private async fetchTrackedSince(): Promise<string | undefined> {
    try {
      const tracking = await this.context.client.resource(configmaps).get(TRACKING, { namespace: 'kube-system' });
      return tracking.data?.['since'];
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async clean(secret: Secret, unused: Unused): Promise<void> {
    const { name = '', namespace = '', annotations, uid = '', resourceVersion = '' } = secret.metadata;
    const account = this.accounts.lister.get(`${namespace}/${annotations?.[ACCOUNT_NAME] ?? ''}`);
    const plan = planToken(secret, account, this.pods.lister.list(namespace), unused);
    const client = this.context.client.resource(secrets);
    try {
      if (plan === 'invalidate') {
        // Somebody may have used it in the meantime: then the next round looks again.
        const metadata = { uid, resourceVersion, labels: { [INVALID_SINCE]: formatDay(unused.now) } };
        await client.patch(name, { type: 'merge', body: { metadata } }, { namespace });
      }
      if (plan === 'delete') await client.delete(name, { namespace, preconditions: { uid, resourceVersion } });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
