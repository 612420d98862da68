import type { Clock, Logger, MetricsRegistry, Random } from '@pilothouse/component';
import type { EventRecorder, InformerFactory, KubeClient } from '@pilothouse/client';
import type { Controller } from '@pilothouse/controller';
import type { SyncFlag } from './sync-flags.ts';

/** What a controller is made from. Everything that is not pure comes in here. */
export interface ControllerContext {
  /** Acts as the controller's service account with `--use-service-account-credentials`, else as the process. */
  readonly client: KubeClient;
  /** Shared by all controllers; they read as the process. */
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
  /** The longest life of a certificate that the signing controller gives. */
  readonly clusterSigningDurationMs: number;
  readonly serviceAccountPrivateKeyFile: string | undefined;
  readonly horizontalPodAutoscaler: HorizontalPodAutoscalerOptions;
  readonly nodeMonitorPeriodMs: number;
  readonly nodeMonitorGracePeriodMs: number;
  readonly nodeStartupGracePeriodMs: number;
  /** Nodes per second that may be given up in a zone that is well, and in a large one that is not. */
  readonly nodeEvictionRate: number;
  readonly secondaryNodeEvictionRate: number;
  /** Share of nodes that are not ready from which on a zone is not well. */
  readonly unhealthyZoneThreshold: number;
  /** Zones with more nodes than this are large. */
  readonly largeClusterSizeThreshold: number;
  readonly terminatedPodGcThreshold: number;
  readonly legacyServiceAccountTokenCleanUpPeriodMs: number;
  readonly allocateNodeCidrs: boolean;
  readonly clusterCidr: string;
  readonly nodeCidrMaskSize: number;
}

export interface HorizontalPodAutoscalerOptions {
  readonly syncPeriodMs: number;
  readonly downscaleStabilizationMs: number;
  readonly tolerance: number;
  readonly cpuInitializationPeriodMs: number;
  readonly initialReadinessDelayMs: number;
}

/** One entry of the list of controllers. */
export interface ControllerDescriptor {
  /** As in `--controllers`, upstream's name: `deployment-controller`. */
  readonly name: string;
  /**
   * The service account in kube-system that it acts as: see the apiserver's bootstrap roles `system:controller:…`.
   * None: it acts as the process, because others depend on it for their accounts.
   */
  readonly account?: string;
  /** Older names that `--controllers` also accepts: `deployment`. */
  readonly aliases: readonly string[];
  /** The flag that says how many workers it has; the controller itself unless given. */
  readonly workersFlag?: SyncFlag;
  /** Started only when named in `--controllers`. */
  readonly disabledByDefault?: boolean;
  /** Registers informer handlers and returns the queues to run; called before the informers start. */
  readonly create: (context: ControllerContext) => Controller | readonly Controller[];
}
