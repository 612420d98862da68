import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  clientFromKubeconfig,
  createEventRecorder,
  createInformerFactory,
  type EventRecorder,
  type KubeClient,
  type KubeClientOptions,
  Leadership,
  runLeaderElection,
} from '@pilothouse/client';
import type { ComponentContext } from '@pilothouse/component';
import { runController } from '@pilothouse/controller';
import type { ControllerContext, ControllerDescriptor, ControllerManagerOptions } from './controller-context.ts';
import type { FLAGS } from './flags.ts';
import { selectControllers } from './select-controllers.ts';

type ClientOptions = Omit<KubeClientOptions, 'server' | 'tls' | 'token'>;
type Component = ComponentContext<typeof FLAGS>;

/** Waits for the lease, then runs the chosen controllers until it is lost or the process stops. */
export async function runControllerManager(all: readonly ControllerDescriptor[], component: Component): Promise<void> {
  const { options, clock, random, logger, metrics, tracer, signal } = component;
  const chosen = selectControllers(all, options.controllers);
  const connection: ClientOptions = {
    userAgent: 'kube-controller-manager',
    contentType: options.kubeApiContentType === 'application/json' ? 'json' : 'protobuf',
    clock,
    metrics,
    tracer,
  };
  const leadership = options.leaderElect ? new Leadership(clock) : undefined;
  const client = await clientFromKubeconfig(options.kubeconfig, { ...connection, leadership });
  component.onShutdown('client', () => client.close());
  // What a process says about itself, its lease and its events, it may say without leading.
  const own = leadership ? await clientFromKubeconfig(options.kubeconfig, connection) : client;
  component.onShutdown('client of its own', () => own.close());
  const run = (running: AbortSignal): Promise<void> => runControllers(chosen, { client, own }, component, running);

  if (!options.leaderElect) {
    void run(signal).catch((error: unknown) => component.fail(error));
    return;
  }
  const outcome = runLeaderElection(
    {
      client: own,
      leadership,
      clock,
      random,
      namespace: options.leaderElectResourceNamespace,
      name: options.leaderElectResourceName,
      identity: `${hostname()}_${random.uuid()}`,
      leaseDurationMs: options.leaderElectLeaseDuration,
      renewDeadlineMs: options.leaderElectRenewDeadline,
      retryPeriodMs: options.leaderElectRetryPeriod,
      onNewLeader: (identity) => logger.info({ identity }, 'New leader elected'),
    },
    run,
    signal,
  );
  component.onShutdown('leader election', async () => {
    await outcome;
  });
  outcome.then(
    (why) => {
      if (why === 'lost') component.fail(new Error('leaderelection lost'));
    },
    (error: unknown) => component.fail(error),
  );
}

async function runControllers(
  chosen: readonly ControllerDescriptor[],
  { client, own }: { client: KubeClient; own: KubeClient },
  component: Component,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, logger, metrics, tracer } = component;
  const informers = createInformerFactory(client, { clock, random, logger });
  component.health.addCheck({ name: 'informer-sync', on: ['readyz'], check: () => informers.check() });
  const recorders = new Map<string, EventRecorder>();
  const context: ControllerContext = {
    client,
    informers,
    clock,
    random,
    logger,
    metrics,
    signal,
    options: controllerOptions(component.options),
    recorder(name) {
      const recorder =
        recorders.get(name) ?? createEventRecorder({ client: own, clock, component: name, random, logger });
      recorders.set(name, recorder);
      return recorder;
    },
  };
  const running = chosen.flatMap((each) => each.create(context));
  informers.start(signal);
  await informers.waitForSync(signal);
  if (signal.aborted) return;
  logger.info({ controllers: running.map((each) => each.name) }, 'Controllers started');
  await Promise.all(running.map((each) => runController(each, { signal, clock, logger, metrics, tracer })));
}

function controllerOptions(options: Component['options']): ControllerManagerOptions {
  const rootCaFile = options.rootCaFile;
  return {
    rootCa: rootCaFile ? readFileSync(rootCaFile, 'utf8') : undefined,
    clusterSigningCertFile: options.clusterSigningCertFile || undefined,
    clusterSigningKeyFile: options.clusterSigningKeyFile || undefined,
    serviceAccountPrivateKeyFile: options.serviceAccountPrivateKeyFile || undefined,
    nodeMonitorPeriodMs: options.nodeMonitorPeriod,
    nodeMonitorGracePeriodMs: options.nodeMonitorGracePeriod,
    nodeStartupGracePeriodMs: options.nodeStartupGracePeriod,
    terminatedPodGcThreshold: options.terminatedPodGcThreshold,
    allocateNodeCidrs: options.allocateNodeCidrs,
    clusterCidr: options.clusterCidr,
    nodeCidrMaskSize: options.nodeCidrMaskSize,
  };
}
