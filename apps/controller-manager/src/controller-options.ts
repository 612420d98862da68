import { readFileSync } from 'node:fs';
import type { FlagValues } from '@pilothouse/component';
import type { ControllerManagerOptions } from './controller-context.ts';
import type { FLAGS } from './flags.ts';

/** The settings of single controllers, as the flags say. */
export function controllerOptions(options: FlagValues<typeof FLAGS>): ControllerManagerOptions {
  const rootCaFile = options.rootCaFile;
  return {
    rootCa: rootCaFile ? readFileSync(rootCaFile, 'utf8') : undefined,
    clusterSigningCertFile: options.clusterSigningCertFile || undefined,
    clusterSigningKeyFile: options.clusterSigningKeyFile || undefined,
    clusterSigningDurationMs: options.clusterSigningDuration,
    serviceAccountPrivateKeyFile: options.serviceAccountPrivateKeyFile || undefined,
    horizontalPodAutoscaler: {
      syncPeriodMs: options.horizontalPodAutoscalerSyncPeriod,
      downscaleStabilizationMs: options.horizontalPodAutoscalerDownscaleStabilization,
      tolerance: options.horizontalPodAutoscalerTolerance,
      cpuInitializationPeriodMs: options.horizontalPodAutoscalerCpuInitializationPeriod,
      initialReadinessDelayMs: options.horizontalPodAutoscalerInitialReadinessDelay,
    },
    nodeMonitorPeriodMs: options.nodeMonitorPeriod,
    nodeMonitorGracePeriodMs: options.nodeMonitorGracePeriod,
    nodeStartupGracePeriodMs: options.nodeStartupGracePeriod,
    nodeEvictionRate: options.nodeEvictionRate,
    secondaryNodeEvictionRate: options.secondaryNodeEvictionRate,
    unhealthyZoneThreshold: options.unhealthyZoneThreshold,
    largeClusterSizeThreshold: options.largeClusterSizeThreshold,
    terminatedPodGcThreshold: options.terminatedPodGcThreshold,
    legacyServiceAccountTokenCleanUpPeriodMs: options.legacyServiceAccountTokenCleanUpPeriod,
    allocateNodeCidrs: options.allocateNodeCidrs,
    clusterCidr: options.clusterCidr,
    nodeCidrMaskSize: options.nodeCidrMaskSize,
  };
}
