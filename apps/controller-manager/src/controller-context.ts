import type { Clock, Logger, MetricsRegistry, Random } from '@pilothouse/component';
import type { EventRecorder, InformerFactory, KubeClient } from '@pilothouse/client';
import type { Controller } from '@pilothouse/controller';

/** What a controller is made from. Everything that is not pure comes in here. */
export interface ControllerContext {
  readonly client: KubeClient;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** Events are signed with the controller's name. */
  recorder(component: string): EventRecorder;
  readonly options: ControllerManagerOptions;
  /** Aborts when the process stops or loses the lease. */
  readonly signal: AbortSignal;
}

/** Settings of single controllers, by upstream's flag names in camel case. */
export interface ControllerManagerOptions {
  /** PEM of the cluster's certificate authority, published into every namespace. */
  readonly rootCa: string | undefined;
  readonly clusterSigningCertFile: string | undefined;
  readonly clusterSigningKeyFile: string | undefined;
  readonly serviceAccountPrivateKeyFile: string | undefined;
  readonly nodeMonitorPeriodMs: number;
  readonly nodeMonitorGracePeriodMs: number;
  readonly nodeStartupGracePeriodMs: number;
  readonly terminatedPodGcThreshold: number;
  readonly allocateNodeCidrs: boolean;
  readonly clusterCidr: string;
  readonly nodeCidrMaskSize: number;
}

/** One entry of the list of controllers. */
export interface ControllerDescriptor {
  /** As in `--controllers`, upstream's name: `deployment-controller`. */
  readonly name: string;
  /** Older names that `--controllers` also accepts: `deployment`. */
  readonly aliases: readonly string[];
  /** Started only when named in `--controllers`. */
  readonly disabledByDefault?: boolean;
  /** Registers informer handlers and returns the queues to run; called before the informers start. */
  readonly create: (context: ControllerContext) => Controller | readonly Controller[];
}
