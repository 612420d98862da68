import type { Clock, FlagValues, Logger, MetricsRegistry } from '@pilothouse/component';
import { KubeconfigWebhook } from '../connect/kubeconfig-webhook.ts';
import type { AUDIT_FLAGS } from './audit-flags.ts';
import { AuditLog } from './audit-log.ts';
import { AuditMetrics } from './audit-metrics.ts';
import { unionOf, type AuditSink } from './audit-sink.ts';
import { AuditWebhook } from './audit-webhook.ts';
import { BatchingSink, type BatchOptions } from './batching-sink.ts';
import type { AuditPolicy } from './policy.ts';
import { readAuditPolicy } from './read-audit-policy.ts';
import { truncatingSink, type TruncateOptions } from './truncating-sink.ts';

type Flags = FlagValues<typeof AUDIT_FLAGS>;

/** What is audited and where it goes. */
export interface Auditing {
  readonly policy: AuditPolicy;
  readonly sink: AuditSink;
  readonly metrics: AuditMetrics;
}

type Lost = (events: number, why: unknown) => void;

interface Backend {
  readonly name: 'log' | 'webhook';
  readonly mode: string;
  readonly version: string;
  readonly batch: BatchOptions;
  readonly truncate: (TruncateOptions & { readonly enabled: boolean }) | undefined;
  readonly open: (lost: Lost) => AuditSink;
}

/** Undefined when nothing is audited: without a policy, or without a place for events. */
export function auditFromFlags(
  options: Flags,
  clock: Clock,
  logger: Logger,
  registry: MetricsRegistry,
): Auditing | undefined {
  const backends = [
    ...(options.auditLogPath === '' ? [] : [logBackend(options, clock)]),
    ...(options.auditWebhookConfigFile === '' ? [] : [webhookBackend(options, clock)]),
  ];
  backends.forEach(requireValid);
  if (options.auditPolicyFile === '' || backends.length === 0) return undefined;
  const policy = readAuditPolicy(options.auditPolicyFile);
  const metrics = new AuditMetrics(registry);
  const sinks = backends.map((backend) => sinkOf(backend, clock, logger, metrics));
  return { policy, sink: sinks.length === 1 ? sinks[0]! : unionOf(sinks), metrics };
}

function logBackend(options: Flags, clock: Clock): Backend {
  if (options.auditLogFormat !== 'json') {
    throw new Error(`invalid audit log format ${options.auditLogFormat}, allowed formats are "json"`);
  }
  return {
    name: 'log',
    mode: options.auditLogMode,
    version: options.auditLogVersion,
    batch: {
      bufferSize: options.auditLogBatchBufferSize,
      maxBatchSize: options.auditLogBatchMaxSize,
      maxWaitMs: options.auditLogBatchMaxWait,
      ...(options.auditLogBatchThrottleEnable
        ? { throttle: { qps: options.auditLogBatchThrottleQps, burst: options.auditLogBatchThrottleBurst } }
        : {}),
    },
    truncate: {
      enabled: options.auditLogTruncateEnabled,
      maxEventBytes: options.auditLogTruncateMaxEventSize,
      maxBatchBytes: options.auditLogTruncateMaxBatchSize,
    },
    open: (lost) =>
      new AuditLog({
        path: options.auditLogPath,
        maxBytes: options.auditLogMaxsize * 2 ** 20,
        maxBackups: options.auditLogMaxbackup,
        maxAgeDays: options.auditLogMaxage,
        compress: options.auditLogCompress,
        onError: (error) => lost(1, error),
        now: () => clock.now(),
      }),
  };
}

function webhookBackend(options: Flags, clock: Clock): Backend {
  return {
    name: 'webhook',
    mode: options.auditWebhookMode,
    version: options.auditWebhookVersion,
    batch: {
      bufferSize: options.auditWebhookBatchBufferSize,
      maxBatchSize: options.auditWebhookBatchMaxSize,
      maxWaitMs: options.auditWebhookBatchMaxWait,
      ...(options.auditWebhookBatchThrottleEnable
        ? { throttle: { qps: options.auditWebhookBatchThrottleQps, burst: options.auditWebhookBatchThrottleBurst } }
        : {}),
    },
    truncate: {
      enabled: options.auditWebhookTruncateEnabled,
      maxEventBytes: options.auditWebhookTruncateMaxEventSize,
      maxBatchBytes: options.auditWebhookTruncateMaxBatchSize,
    },
    open: () =>
      new AuditWebhook(
        new KubeconfigWebhook(options.auditWebhookConfigFile),
        options.auditWebhookInitialBackoff,
        clock,
      ),
  };
}

const MODES = ['batch', 'blocking', 'blocking-strict'];

/** In upstream's words. */
function requireValid({ name, mode, version, batch, truncate }: Backend): void {
  if (!MODES.includes(mode)) {
    throw new Error(`invalid audit ${name} mode ${mode}, allowed modes are "${MODES.join(',')}"`);
  }
  if (version !== 'audit.k8s.io/v1') {
    throw new Error(`invalid group version, allowed versions are ["audit.k8s.io/v1"]`);
  }
  if (truncate && truncate.maxEventBytes <= 0) {
    const why = `invalid audit truncate ${name} max event size ${truncate.maxEventBytes}, must be a positive number`;
    throw new Error(why);
  }
  if (mode !== 'batch') return;
  const positive = (what: string, value: number) => {
    if (value <= 0) throw new Error(`invalid audit batch ${name} ${what} ${value}, must be a positive number`);
  };
  positive('buffer size', batch.bufferSize);
  positive('max batch size', batch.maxBatchSize);
  if (batch.throttle) {
    positive('throttle QPS', batch.throttle.qps);
    positive('throttle burst', batch.throttle.burst);
  }
}

function sinkOf(backend: Backend, clock: Clock, logger: Logger, metrics: AuditMetrics): AuditSink {
  const { name, mode, batch, truncate, open } = backend;
  const lost: Lost = (events, error) => {
    metrics.failed(name, events);
    logger.error({ err: error, events }, `Error in audit plugin '${name}'`);
  };
  const opened = open(lost);
  const sink = truncate?.enabled ? truncatingSink(opened, truncate, lost) : opened;
  if (mode === 'batch') return new BatchingSink(sink, batch, clock, lost);
  if (mode === 'blocking-strict') return sink;
  return {
    async write(events) {
      try {
        await sink.write(events);
      } catch (error) {
        lost(events.length, error);
      }
    },
    close: () => sink.close(),
  };
}
