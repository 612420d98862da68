import { isNotFound } from '@pilothouse/apimachinery';
import { type Secret, secrets } from '@pilothouse/api';
import type { SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';

const NAMESPACE = 'kube-system';
const TOKEN_TYPE = 'bootstrap.kubernetes.io/token';

/** Deletes bootstrap tokens that have expired. Mirrors pkg/controller/bootstrap/tokencleaner.go. */
export class TokenCleaner implements Controller {
  readonly name = 'token-cleaner-controller';
  readonly workers = 1;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly tokens: SharedInformer<Secret>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.tokens = context.informers.for(secrets, { namespace: NAMESPACE, fieldSelector: `type=${TOKEN_TYPE}` });
    const enqueue = ({ metadata }: Secret): void => this.queue.add(metadata.name ?? '');
    this.tokens.addHandler({ onAdd: enqueue, onUpdate: (_, secret) => enqueue(secret) });
  }

  async reconcile(name: string): Promise<ReconcileResult> {
    const secret = this.tokens.lister.get(`${NAMESPACE}/${name}`);
    const leftMs = secret && planExpiry(secret, this.context.clock.now());
    if (!secret || leftMs === undefined) return;
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    const { uid = '' } = secret.metadata;
    try {
      await this.context.client.resource(secrets).delete(name, { namespace: NAMESPACE, preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** How long a token still holds; zero when it is over, or says nothing that can be read; undefined without an end. */
export function planExpiry({ data }: Secret, now: Date): number | undefined {
  const text = Buffer.from(data?.['expiration'] ?? '', 'base64').toString();
  if (text === '') return undefined;
  const leftMs = Date.parse(text) - now.getTime();
  return leftMs > 0 ? leftMs : 0;
}
