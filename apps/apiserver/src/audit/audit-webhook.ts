import type { Clock } from '@pilothouse/component';
import type { KubeconfigWebhook } from '../connect/kubeconfig-webhook.ts';
import type { AuditEvent } from './audit-event.ts';
import type { AuditSink } from './audit-sink.ts';

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 5;
const BACKOFF_FACTOR = 1.5;

/** Events to a service, as an EventList: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#webhook-backend */
export class AuditWebhook implements AuditSink {
  readonly #webhook: Pick<KubeconfigWebhook, 'post' | 'close'>;
  readonly #initialBackoffMs: number;
  readonly #clock: Clock;

  constructor(webhook: Pick<KubeconfigWebhook, 'post' | 'close'>, initialBackoffMs: number, clock: Clock) {
    this.#webhook = webhook;
    this.#initialBackoffMs = initialBackoffMs;
    this.#clock = clock;
  }

  /** Comes again, ever later, while the service cannot be reached or has too much to do. */
  async write(items: readonly AuditEvent[]): Promise<void> {
    const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items };
    for (let attempt = 1, delayMs = this.#initialBackoffMs; ; attempt++, delayMs *= BACKOFF_FACTOR) {
      const failure = await this.#post(list);
      if (failure === undefined) return;
      if (!failure.mayPass || attempt === ATTEMPTS) throw new Error(failure.why);
      await this.#clock.sleep(delayMs);
    }
  }

  async close(): Promise<void> {
    this.#webhook.close();
  }

  async #post(list: object): Promise<{ readonly why: string; readonly mayPass: boolean } | undefined> {
    try {
      const { code, body } = await this.#webhook.post(list, TIMEOUT_MS);
      if (code >= 200 && code < 300) return undefined;
      return {
        why: `the webhook answered ${code}: ${body.toString().slice(0, 200)}`,
        mayPass: code === 429 || code >= 500,
      };
    } catch (error) {
      return { why: (error as Error).message, mayPass: true };
    }
  }
}
