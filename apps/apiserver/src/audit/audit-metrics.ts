import type { MetricsRegistry } from '@pilothouse/component';
import type { AuditLevel } from './policy.ts';

/** Under upstream's names. */
export class AuditMetrics {
  readonly #events;
  readonly #levels;
  readonly #rejected;
  readonly #errors;

  constructor(metrics: MetricsRegistry) {
    this.#events = metrics.counter({
      name: 'apiserver_audit_event_total',
      help: 'Counter of audit events generated and sent to the audit backend.',
    });
    this.#levels = metrics.counter({
      name: 'apiserver_audit_level_total',
      help: 'Counter of policy levels for audit events (1 per request).',
      labels: ['level'],
    });
    this.#rejected = metrics.counter({
      name: 'apiserver_audit_requests_rejected_total',
      help: 'Counter of apiserver requests rejected due to an error in audit logging backend.',
    });
    this.#errors = metrics.counter({
      name: 'apiserver_audit_error_total',
      help: 'Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.',
      labels: ['plugin'],
    });
  }

  decided(level: AuditLevel): void {
    this.#levels.with(level).inc();
  }

  sent(): void {
    this.#events.with().inc();
  }

  rejected(): void {
    this.#rejected.with().inc();
  }

  failed(plugin: string, events: number): void {
    this.#errors.with(plugin).inc(events);
  }
}
