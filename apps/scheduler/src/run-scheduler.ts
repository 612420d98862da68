import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  clientFromKubeconfig,
  createEventRecorder,
  createInformerFactory,
  Leadership,
  runLeaderElection,
} from '@pilothouse/client';
import type { EventRecorder, KubeClient } from '@pilothouse/client';
import { parseDurationMs, type ComponentContext } from '@pilothouse/component';
import { buildScheduler, type BuiltScheduler } from './build-scheduler.ts';
import { addEventHandlers, clusterListers, followDeviceTaintRules } from './cluster-informers.ts';
import {
  defaultConfiguration,
  parseConfiguration,
  type SchedulerConfiguration,
} from './config/scheduler-configuration.ts';
import { DeviceTaintRules } from './devices/device-taint-rules.ts';
import type { FLAGS } from './flags.ts';
import { KubeApiWriter } from './kube-api-writer.ts';

type Component = ComponentContext<typeof FLAGS>;

/** Fills the caches, waits for the lease, then schedules until it is lost or the process stops. */
export async function runScheduler(component: Component): Promise<void> {
  const { options, clock, random, logger, metrics, tracer, health, signal } = component;
  const configuration = options.config
    ? parseConfiguration(readFileSync(options.config, 'utf8'))
    : defaultConfiguration();
  const leadership = isElected(component, configuration) ? new Leadership(clock) : undefined;
  const client = await connect(component, configuration, leadership);
  component.onShutdown('client', () => client.close());
  // What a process says about itself, its lease and its events, it may say without leading, and without waiting.
  const own = leadership ? await connect(component, configuration) : client;
  component.onShutdown('client of its own', () => own.close());

  const recorders = new Map<string, EventRecorder>();
  const recorderOf = (name: string): EventRecorder => {
    const recorder =
      recorders.get(name) ?? createEventRecorder({ client: own, clock, component: name, random, logger });
    recorders.set(name, recorder);
    return recorder;
  };
  component.onShutdown('events', async () => {
    await Promise.all([...recorders.values()].map((recorder) => recorder.flush()));
  });

  const informers = createInformerFactory(client, { clock, random, logger });
  const api = new KubeApiWriter(client, clock);
  const taintRules = new DeviceTaintRules();
  const listers = clusterListers(informers, taintRules);
  const built = buildScheduler({ configuration, listers, api, recorderOf, clock, random, logger, tracer, metrics });
  addEventHandlers(informers, built);
  serveDebug(health, built, configuration);
  informers.start(signal);
  void followDeviceTaintRules(client, informers, built, taintRules, { clock, signal });
  let isSynced = false;
  health.addCheck({
    name: 'sched-handler-sync',
    on: ['readyz'],
    check: () => failUnless(isSynced, 'waiting for handlers to sync'),
  });

  health.addCheck({ name: 'informer-sync', on: ['readyz'], check: () => informers.check() });

  const schedule = async (leading: AbortSignal): Promise<void> => {
    await informers.waitForSync(leading);
    isSynced = true;
    logger.info({ profiles: [...built.profiles.keys()] }, 'Scheduler started');
    await built.scheduler.run(leading);
  };
  lead(component, configuration, own, leadership, schedule);
}

function connect(
  { options, clock, metrics, tracer }: Component,
  { clientConnection }: SchedulerConfiguration,
  leadership?: Leadership,
): Promise<KubeClient> {
  const kubeconfig = clientConnection.kubeconfig || options.kubeconfig;
  if (!kubeconfig)
    throw new Error('no kubeconfig: set --kubeconfig, or clientConnection.kubeconfig in the --config file');
  const qps = clientConnection.qps ?? options.kubeApiQps;
  const burst = clientConnection.burst ?? options.kubeApiBurst;
  return clientFromKubeconfig(kubeconfig, {
    userAgent: 'kube-scheduler',
    contentType: options.kubeApiContentType === 'application/json' ? 'json' : 'protobuf',
    clock,
    metrics,
    tracer,
    leadership,
    ...(qps > 0 ? { qps } : {}),
    ...(burst > 0 ? { burst } : {}),
  });
}

function isElected({ options }: Component, { leaderElection }: SchedulerConfiguration): boolean {
  return leaderElection.leaderElect ?? options.leaderElect;
}

/** Runs `schedule` at once, or while holding the lease. A lost lease ends the process, as upstream. */
function lead(
  component: Component,
  { leaderElection }: SchedulerConfiguration,
  client: KubeClient,
  leadership: Leadership | undefined,
  schedule: (signal: AbortSignal) => Promise<void>,
): void {
  const { options, clock, random, logger, signal } = component;
  const fail = (error: unknown) => {
    if (!signal.aborted) component.fail(error);
  };
  if (!leadership) {
    schedule(signal).catch(fail);
    return;
  }
  const lock = leaderElection.resourceLock ?? options.leaderElectResourceLock;
  if (lock !== 'leases') throw new Error(`resourceLock: Invalid value: "${lock}": resourceLock value must be "leases"`);
  const outcome = runLeaderElection(
    {
      client,
      leadership,
      clock,
      random,
      namespace: leaderElection.resourceNamespace ?? options.leaderElectResourceNamespace,
      name: leaderElection.resourceName ?? options.leaderElectResourceName,
      identity: `${hostname()}_${random.uuid()}`,
      leaseDurationMs: durationMs(leaderElection.leaseDuration) ?? options.leaderElectLeaseDuration,
      renewDeadlineMs: durationMs(leaderElection.renewDeadline) ?? options.leaderElectRenewDeadline,
      retryPeriodMs: durationMs(leaderElection.retryPeriod) ?? options.leaderElectRetryPeriod,
      onNewLeader: (identity) => logger.info({ identity }, 'New leader elected'),
    },
    schedule,
    signal,
  );
  component.onShutdown('leader election', async () => {
    await outcome;
  });
  outcome.then((why) => {
    if (why === 'lost') fail(new Error('leaderelection lost'));
  }, fail);
}

function durationMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new Error(`invalid duration "${text}"`);
  return ms;
}

function serveDebug(
  health: Component['health'],
  { cache, queue }: BuiltScheduler,
  configuration: SchedulerConfiguration,
): void {
  health.addConfigz('kubescheduler.config.k8s.io', () => configuration);
  health.addDebugDump('scheduler/queue', () => queue.dump());
  health.addDebugDump('scheduler/cache', () => cache.dump());
}

function failUnless(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}
