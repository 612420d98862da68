import { flag } from '@pilothouse/component';

const syncs = (count: number, what: string) =>
  flag.int({ default: count, description: `How many ${what} are worked on at once.` });

/** How many workers a controller has, by upstream's flag. An entry of the list of controllers names its own. */
export const SYNC_FLAGS = {
  'concurrent-cron-job-syncs': syncs(5, 'cron jobs'),
  'concurrent-daemonset-syncs': syncs(2, 'daemon sets'),
  'concurrent-deployment-syncs': syncs(5, 'deployments'),
  'concurrent-endpoint-syncs': syncs(5, 'endpoints'),
  'concurrent-ephemeralvolume-syncs': syncs(5, 'pods with ephemeral volumes'),
  'concurrent-gc-syncs': syncs(20, 'objects of the garbage collector'),
  'concurrent-horizontal-pod-autoscaler-syncs': syncs(5, 'horizontal pod autoscalers'),
  'concurrent-job-syncs': syncs(5, 'jobs'),
  'concurrent-namespace-syncs': syncs(10, 'namespaces'),
  'concurrent-rc-syncs': syncs(5, 'replication controllers'),
  'concurrent-replicaset-syncs': syncs(5, 'replica sets'),
  'concurrent-resource-claim-syncs': syncs(10, 'pods with resource claims'),
  'concurrent-resource-quota-syncs': syncs(5, 'resource quotas'),
  'concurrent-service-endpoint-syncs': syncs(5, 'services with endpoint slices'),
  'concurrent-serviceaccount-token-syncs': syncs(5, 'service accounts with tokens'),
  'concurrent-statefulset-syncs': syncs(5, 'stateful sets'),
  'concurrent-ttl-after-finished-syncs': syncs(5, 'finished jobs'),
  'concurrent-validating-admission-policy-status-syncs': syncs(5, 'validating admission policies'),
  'mirroring-concurrent-service-endpoint-syncs': syncs(5, 'endpoints that are mirrored'),
};

export type SyncFlag = keyof typeof SYNC_FLAGS;

/** The values by the flags' own names. Fewer than one worker would never do anything: upstream refuses it too. */
export function readSyncFlags(options: Readonly<Record<string, unknown>>): Readonly<Record<SyncFlag, number>> {
  const entries = Object.keys(SYNC_FLAGS).map((name) => {
    const value = options[name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())] as number;
    if (value < 1) throw new Error(`--${name} must be at least 1, but got ${value}`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as Record<SyncFlag, number>;
}
