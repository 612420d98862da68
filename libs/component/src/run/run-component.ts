import type { Clock } from '../clock.ts';
import { FlagError, parseFlags } from '../flags/parse-flags.ts';
import type { FlagSet, FlagValues } from '../flags/parse-flags.ts';
import { helpText } from '../flags/help-text.ts';
import { Health } from '../health/health.ts';
import { createHealthHandler } from '../health/health-handler.ts';
import type { HealthHandler } from '../health/health-handler.ts';
import { startHealthServer } from '../health/health-server.ts';
import { createLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import { registerProcessMetrics } from '../metrics/process-metrics.ts';
import { MetricsRegistry } from '../metrics/registry.ts';
import { systemRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { systemClock } from '../system-clock.ts';
import { startTelemetry } from '../tracing/start-telemetry.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { COMMON_FLAGS, healthServerFlags } from './common-flags.ts';
import type { HealthServerDefaults } from './common-flags.ts';
import { Shutdown } from './shutdown.ts';
import { giveBackStartUpMemory } from './start-up-memory.ts';
import { onSupervisorGone } from './supervised.ts';
import { GIT_VERSION } from './version.ts';

/** One process of the control plane. */
export interface ComponentDefinition<F extends FlagSet> {
  /** As upstream calls the binary: `kube-scheduler`. */
  readonly name: string;
  readonly description: string;
  readonly flags: F;
  /** Serves health and metrics on a port of their own; left out by the apiserver, which mounts `healthHandler`. */
  readonly healthServer?: HealthServerDefaults;
  /** Starts the work. What it throws ends the process; when it returns, the process lives on until it is told to stop. */
  main(context: ComponentContext<F>): void | Promise<void>;
}

export interface ComponentContext<F extends FlagSet = FlagSet> {
  readonly name: string;
  readonly options: FlagValues<F & typeof COMMON_FLAGS>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: MetricsRegistry;
  readonly tracer: Tracer;
  readonly health: Health;
  readonly healthHandler: HealthHandler;
  /** Aborts when the process is told to stop. */
  readonly signal: AbortSignal;
  /** Runs on a graceful stop, last registered first, all within `--shutdown-timeout`. */
  onShutdown(name: string, run: () => void | Promise<void>): void;
  /** Ends the process with code 1 after a graceful stop: for a lost leader lease and what else only a restart mends. */
  fail(error: unknown): void;
}

/** Reads the flags, builds what every process needs, runs `main`, and ends the process cleanly on SIGTERM and SIGINT. */
export async function runComponent<const F extends FlagSet>(
  component: ComponentDefinition<F>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const { name, description } = component;
  const health = component.healthServer;
  const flags = { ...(health ? healthServerFlags(health) : {}), ...component.flags, ...COMMON_FLAGS };
  const parsed = parseOrExit(name, flags, args);
  const options = parsed.values as unknown as FlagValues<F & typeof COMMON_FLAGS>;
  const common = parsed.values as unknown as FlagValues<typeof COMMON_FLAGS>;
  if (common.help) {
    process.stdout.write(helpText(name, description, flags));
    return;
  }
  if (common.version) {
    process.stdout.write(`Kubernetes ${GIT_VERSION}\n`);
    return;
  }

  const format = common.loggingFormat === 'text' ? 'text' : 'json';
  const logger = createLogger({ name, format, verbosity: common.v });
  for (const each of parsed.set) {
    if (flags[each]!.ignored) logger.warn({ flag: `--${each}` }, 'Flag is accepted without effect');
  }
  const metrics = new MetricsRegistry();
  registerProcessMetrics(metrics);
  const shutdown = new Shutdown(logger);
  const stop = stopOnce(name, shutdown, logger, common.shutdownTimeout);
  try {
    const telemetry = await startTelemetry(name, metrics, logger);
    shutdown.add('telemetry', () => telemetry.shutdown());
    const healthState = new Health();
    healthState.addConfigz(name, () => parsed.values);
    const context: ComponentContext<F> = {
      name,
      options,
      logger,
      clock: systemClock(),
      random: systemRandom(),
      metrics,
      tracer: telemetry.tracer,
      health: healthState,
      healthHandler: createHealthHandler({ health: healthState, metrics, logger }),
      signal: shutdown.signal,
      onShutdown: (hook, run) => shutdown.add(hook, run),
      fail: (error) => stop(1, error),
    };
    if (health)
      await serveHealth(health, parsed.values as Record<string, unknown>, context as unknown as ComponentContext);
    await component.main(context);
    giveBackStartUpMemory();
  } catch (error) {
    if (!shutdown.signal.aborted) stop(1, error);
  }
}

/** Wires every way in which the process can be told to end to one graceful stop. */
function stopOnce(
  name: string,
  shutdown: Shutdown,
  logger: Logger,
  timeoutMs: number,
): (code: number, why: unknown) => void {
  let stopping = false;
  const stop = (code: number, why: unknown): void => {
    if (stopping) return;
    stopping = true;
    // A port of nobody keeps the process alive until the last hook ran.
    const keepAlive = setInterval(() => undefined, 1 << 30);
    if (code === 0) {
      logger.info({ reason: String(why) }, 'Stopping');
    } else {
      const message = why instanceof Error ? why.message : String(why);
      logger.error({ err: why }, 'Failed');
      process.stderr.write(`error: ${name}: ${message.split('\n', 1)[0]}\n`);
    }
    void shutdown.stop(String(why), timeoutMs).then((finished) => {
      if (!finished) logger.warn('Stopped before everything was finished: the time for a graceful stop is over');
      clearInterval(keepAlive);
      process.exit(code);
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => (stopping ? process.exit(1) : stop(0, signal)));
  }
  process.on('uncaughtException', (error) => stop(1, error));
  process.on('unhandledRejection', (error) => stop(1, error));
  onSupervisorGone(() => stop(0, 'the supervisor is gone'));
  return stop;
}

async function serveHealth(
  defaults: HealthServerDefaults,
  values: Record<string, unknown>,
  { healthHandler, logger, onShutdown }: ComponentContext,
): Promise<void> {
  const value = (flagName: string): unknown =>
    values[flagName.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())];
  const port = value(defaults.portFlag ?? 'secure-port') as number;
  if (port === 0) return;
  const certFile = value('tls-cert-file') as string | undefined;
  const keyFile = value('tls-private-key-file') as string | undefined;
  const clientCaFile = value('client-ca-file') as string | undefined;
  const tls = certFile && keyFile ? { certFile, keyFile } : ('self-signed' as const);
  const server = await startHealthServer({
    handler: healthHandler,
    host: value(defaults.hostFlag ?? 'bind-address') as string,
    port,
    ...(defaults.insecure ? {} : { tls }),
    ...(clientCaFile ? { clientCaFile } : {}),
  });
  logger.info({ port: server.port }, 'Serving health checks and metrics');
  onShutdown('health server', () => server.close());
}

function parseOrExit<F extends FlagSet>(
  name: string,
  flags: F,
  args: readonly string[],
): ReturnType<typeof parseFlags<F>> {
  try {
    const parsed = parseFlags(flags, args);
    if (parsed.arguments.length > 0) throw new FlagError(`unexpected argument: ${parsed.arguments[0]}`);
    return parsed;
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    process.stderr.write(`error: ${name}: ${error.message}\n`);
    process.exit(1);
  }
}
