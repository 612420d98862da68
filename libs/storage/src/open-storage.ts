import { formatGroupResource } from '@pilothouse/apimachinery';
import { silentLogger, systemClock, systemRandom, type Clock, type Random } from '@pilothouse/component';
import type { EtcdClient } from '@pilothouse/etcd';
import { BookmarkSchedule } from './bookmark-schedule.ts';
import { Compactor } from './compactor.ts';
import { CurrentRevision } from './current-revision.ts';
import { checkHealth } from './health.ts';
import type { StorageEncryption } from './encryption.ts';
import { KeyLayout } from './key-layout.ts';
import { Log } from './log.ts';
import { ResourceReader } from './resource-reader.ts';
import { EtcdResourceStore } from './resource-store.ts';
import { ResourceWriter } from './resource-writer.ts';
import type { StorageLogger } from './storage-logger.ts';
import type { ResourceStore, ResourceStoreOptions, Storage, StorageHealth, StorageMetrics } from './storage.ts';
import { TransformedEtcd } from './transformed-etcd.ts';
import { WatchCache } from './watch-cache.ts';

export interface OpenStorageOptions {
  readonly etcd: EtcdClient;
  /** Where every key begins, without a slash at the end; `/registry` unless told. */
  readonly prefix?: string;
  readonly logger?: StorageLogger;
  readonly metrics?: StorageMetrics;
  readonly clock?: Clock;
  readonly random?: Random;
  /** How often old revisions are compacted away; 0 for never. Upstream's `--etcd-compaction-interval`: 5 minutes. */
  readonly compactionIntervalMs?: number;
  /** Absent: every value lies in etcd as it is. */
  readonly encryption?: StorageEncryption;
}

const COMPACTION_INTERVAL_MS = 5 * 60_000;
const HEALTH_TIMEOUT_MS = 2_000;

/** Finds its place in etcd's log and follows it from there. Throws EtcdUnavailable when etcd cannot be reached. */
export async function openStorage(options: OpenStorageOptions): Promise<Storage> {
  const { etcd, prefix = '/registry', logger = silentLogger(), metrics = {}, clock = systemClock() } = options;
  const random = options.random ?? systemRandom();
  const root = `${prefix}/`;
  const nowMs = () => clock.monotonicMs();
  const revisions = new CurrentRevision(() => readCurrentRevision(etcd, root, metrics, nowMs), clock);
  const currentRevision = () => revisions.get();
  const transformed =
    options.encryption &&
    new TransformedEtcd(etcd, options.encryption, root, clock, () => log.startOver('values can be read again'));
  /** Whose values are in the clear. */
  const storeEtcd = transformed ?? etcd;
  const log: Log = new Log({ etcd: storeEtcd, root, currentRevision, clock, logger, metrics });
  await log.start();
  const bookmarks = new BookmarkSchedule(clock, () => random.next());
  const compactor = new Compactor(etcd, clock, logger, options.compactionIntervalMs ?? COMPACTION_INTERVAL_MS);
  compactor.start();
  const stores = new Set<ResourceStore>();
  const healthChecks = new Map<number, Promise<StorageHealth>>();

  function resource(resourceOptions: ResourceStoreOptions): ResourceStore {
    const { group, resource: plural, storagePrefix, namespaced, codec } = resourceOptions;
    const layout = new KeyLayout(prefix, storagePrefix, namespaced);
    const label = formatGroupResource(group, plural);
    const cache = new WatchCache({ layout, codec, label, metrics, nowMs });
    transformed?.serve(storagePrefix, group, plural);
    const reader = new ResourceReader({ etcd: storeEtcd, log, cache, layout, bookmarks, currentRevision });
    const fetch = reader.fetch.bind(reader);
    const writer = new ResourceWriter({ etcd: storeEtcd, log, cache, layout, resource: resourceOptions, fetch });
    const filled = log.attach(storagePrefix, cache);
    // Whoever uses the store meets the error; nobody has to.
    filled.catch(() => {});
    const onClose = () => {
      if (stores.delete(store)) log.detach(storagePrefix);
    };
    const store = new EtcdResourceStore({
      resource: resourceOptions,
      cache,
      reader,
      writer,
      filled,
      metrics,
      nowMs,
      onClose,
    });
    stores.add(store);
    return store;
  }

  return {
    resource,
    currentRevision,
    get revision() {
      return log.revision;
    },
    ready: async () => void (await Promise.all([...stores].map((store) => store.ready()))),
    health(timeoutMs = HEALTH_TIMEOUT_MS) {
      // Several checks of the same moment are one question.
      let asking = healthChecks.get(timeoutMs);
      if (asking === undefined) {
        asking = checkHealth(etcd, log, currentRevision, clock, metrics, timeoutMs).finally(() =>
          healthChecks.delete(timeoutMs),
        );
        healthChecks.set(timeoutMs, asking);
      }
      return asking;
    },
    async close() {
      compactor.close();
      bookmarks.close();
      for (const store of [...stores]) store.close();
      log.close();
      transformed?.close();
    },
  };
}

async function readCurrentRevision(
  etcd: EtcdClient,
  root: string,
  metrics: StorageMetrics,
  nowMs: () => number,
): Promise<number> {
  const start = nowMs();
  // Any linearizable read tells the revision; the root itself is no key, so this one brings nothing else.
  const { revision } = await etcd.kv.range({ key: root, limit: 1, keysOnly: true });
  metrics.currentRevisionRead?.((nowMs() - start) / 1_000);
  return revision;
}
