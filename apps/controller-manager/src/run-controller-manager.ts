import { hostname } from 'node:os';
import {
  anonymousPoolFromKubeconfig,
  clientFromKubeconfig,
  type ClientPool,
  clientPoolFromKubeconfig,
  createEventRecorder,
  createInformerFactory,
  type EventRecorder,
  type KubeClient,
  Leadership,
  runLeaderElection,
} from '@pilothouse/client';
import { type ComponentContext, KUBERNETES_VERSION } from '@pilothouse/component';
import { runController } from '@pilothouse/controller';
import type { ControllerContext, ControllerDescriptor } from './controller-context.ts';
import { controllerOptions } from './controller-options.ts';
import type { FLAGS } from './flags.ts';
import { type ControllerClients, processClients, serviceAccountClients } from './identities/controller-clients.ts';
import { selectControllers } from './select-controllers.ts';
import { readSyncFlags } from './sync-flags.ts';

type Component = ComponentContext<typeof FLAGS>;

/** As client-go's: what is before the first slash is the default field manager. */
const USER_AGENT = `kube-controller-manager/v${KUBERNETES_VERSION.major}.${KUBERNETES_VERSION.minor} (pilothouse)`;

/** Waits for the lease, then runs the chosen controllers until it is lost or the process stops. */
export async function runControllerManager(all: readonly ControllerDescriptor[], component: Component): Promise<void> {
  const { options, clock, random, logger, metrics, tracer, signal } = component;
  const chosen = selectControllers(all, options.controllers);
  const contentType = options.kubeApiContentType === 'application/json' ? ('json' as const) : ('protobuf' as const);
  const connection = { contentType, clock, metrics, tracer };
  const pool = await clientPoolFromKubeconfig(options.kubeconfig, connection);
  component.onShutdown('client', () => pool.close());
  const clients = await controllerClients(component, pool, connection);
  const leadership = options.leaderElect ? new Leadership(clock) : undefined;
  const run = (running: AbortSignal): Promise<void> =>
    runControllers(chosen, { pool, clients, leadership }, component, running);

  if (!options.leaderElect) {
    void run(signal).catch((error: unknown) => component.fail(error));
    return;
  }
  // Over a connection of its own: a renewal must not wait behind what the leader writes.
  const election = await clientFromKubeconfig(options.kubeconfig, {
    ...connection,
    userAgent: `${USER_AGENT}/leader-election`,
  });
  component.onShutdown('leader election client', () => election.close());
  const outcome = runLeaderElection(
    {
      client: election,
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

interface Acting {
  readonly pool: ClientPool;
  readonly clients: ControllerClients;
  readonly leadership: Leadership | undefined;
}

async function runControllers(
  chosen: readonly ControllerDescriptor[],
  { pool, clients, leadership }: Acting,
  component: Component,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, logger, metrics, tracer } = component;
  const shared = pool.client({ userAgent: `${USER_AGENT}/shared-informers` });
  const informers = createInformerFactory(shared, { clock, random, logger });
  component.health.addCheck({ name: 'informer-sync', on: ['readyz'], check: () => informers.check() });
  const base = {
    informers,
    clock,
    random,
    logger,
    metrics,
    signal,
    options: controllerOptions(component.options),
  };
  const contextFor = (name: string, account: string | undefined): ControllerContext => {
    const clientOf = (holding?: Leadership): KubeClient =>
      account === undefined
        ? pool.client({ userAgent: `${USER_AGENT}/${name}`, leadership: holding })
        : clients.clientFor(account, holding);
    const client = clientOf(leadership);
    // What happened may be told without leading.
    const telling = clientOf();
    const recorders = new Map<string, EventRecorder>();
    const recorder = (component: string): EventRecorder => {
      const known =
        recorders.get(component) ?? createEventRecorder({ client: telling, clock, component, random, logger });
      recorders.set(component, known);
      return known;
    };
    return { ...base, client, recorder };
  };
  const syncs = readSyncFlags(component.options);
  const running = chosen.flatMap(({ name, account, workersFlag, create }) =>
    [create(contextFor(name, account))]
      .flat()
      .map((controller) => ({ controller, workers: workersFlag ? syncs[workersFlag] : controller.workers })),
  );
  informers.start(signal);
  await informers.waitForSync(signal);
  if (signal.aborted) return;
  logger.info({ controllers: running.map(({ controller }) => controller.name) }, 'Controllers started');
  await Promise.all(
    running.map(({ controller, workers }) =>
      runController(controller, { signal, clock, logger, metrics, tracer, workers }),
    ),
  );
}

async function controllerClients(
  component: Component,
  pool: ClientPool,
  connection: Parameters<typeof anonymousPoolFromKubeconfig>[1],
): Promise<ControllerClients> {
  const { options, clock } = component;
  if (!options.useServiceAccountCredentials) return processClients(pool, USER_AGENT);
  const anonymous = await anonymousPoolFromKubeconfig(options.kubeconfig, connection);
  component.onShutdown('controller clients', () => anonymous.close());
  const root = pool.client({ userAgent: `${USER_AGENT}/token-requests` });
  return serviceAccountClients({ root, pool: anonymous, userAgent: USER_AGENT, clock });
}
