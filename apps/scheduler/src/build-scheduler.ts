import type { Pod } from '@pilothouse/api';
import type { EventRecorder } from '@pilothouse/client';
import type { Clock, Logger, MetricsRegistry, Random, Tracer } from '@pilothouse/component';
import { SchedulerCache } from './cache/scheduler-cache.ts';
import { buildFramework, type HandleParts } from './config/build-framework.ts';
import type { SchedulerConfiguration } from './config/scheduler-configuration.ts';
import { HttpExtender } from './extenders/http-extender.ts';
import type { EventSinks } from './event-handlers.ts';
import type { ApiWriter } from './framework/api-writer.ts';
import type { Framework } from './framework/framework.ts';
import type { ClusterListers } from './framework/listers.ts';
import type { PluginFactory } from './framework/plugin.ts';
import { WaitingPods } from './framework/waiting-pods.ts';
import { SchedulerMetrics } from './metrics.ts';
import { PLUGINS } from './plugins/index.ts';
import { NominatedPods } from './queue/nominated-pods.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import { Scheduler } from './scheduler.ts';

export interface SchedulerParts {
  readonly configuration: SchedulerConfiguration;
  /** The plugins that profiles can name; the built-in ones unless told. */
  readonly plugins?: readonly PluginFactory[];
  readonly listers: ClusterListers;
  readonly api: ApiWriter;
  /** One for each scheduler name, which events give as their source. */
  readonly recorderOf: (schedulerName: string) => EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly metrics: MetricsRegistry;
}

/** A scheduler, and what has to be told of the events in the cluster. */
export interface BuiltScheduler extends EventSinks {
  readonly scheduler: Scheduler;
  readonly profiles: ReadonlyMap<string, Framework>;
}

/** Puts a scheduler together. It holds no connection and does nothing until `run`. */
export function buildScheduler(parts: SchedulerParts): BuiltScheduler {
  const { configuration, listers, api, recorderOf, clock, random, logger, tracer } = parts;
  const cache = new SchedulerCache(clock);
  const nominatedPods = new NominatedPods();
  const waitingPods = new WaitingPods();
  const metrics = new SchedulerMetrics(parts.metrics);

  const extenders = configuration.extenders.map((extender) => new HttpExtender(extender));
  const handle: Omit<HandleParts, 'recorder'> = {
    clock,
    random,
    snapshot: cache.snapshot,
    listers,
    api,
    nominatedPods,
    waitingPods,
    metrics,
    extenders,
    logger,
    activate: (pods: readonly Pod[]) => queue.activate(pods),
  };
  const profiles = new Map<string, Framework>();
  for (const profile of configuration.profiles) {
    const recorder = recorderOf(profile.schedulerName);
    profiles.set(profile.schedulerName, buildFramework(profile, parts.plugins ?? PLUGINS, { ...handle, recorder }));
  }
  const queue = new SchedulingQueue({
    less: commonOrder(profiles),
    profiles: new Map([...profiles].map(([name, framework]) => [name, framework.queueProfile])),
    clock,
    backoff: {
      initialMs: configuration.podInitialBackoffSeconds * 1000,
      maxMs: configuration.podMaxBackoffSeconds * 1000,
    },
    nominatedPods,
    metrics,
  });
  metrics.readFrom({ queueCounts: () => queue.counts(), cacheCounts: () => cache.counts() });

  const scheduler = new Scheduler({
    profiles,
    cache,
    queue,
    nominatedPods,
    listers,
    api,
    recorderOf,
    metrics,
    percentageOfNodesToScore: configuration.percentageOfNodesToScore,
    extenders,
    clock,
    random,
    logger,
    tracer,
  });
  return { scheduler, profiles, cache, queue, nominatedPods, waitingPods, isOurs: (name) => profiles.has(name) };
}

/** All profiles share one queue, so they must agree on its order. */
function commonOrder(profiles: ReadonlyMap<string, Framework>): Framework['less'] {
  const [first, ...others] = [...profiles.values()];
  const name = first!.plugins.queueSort[0]!.name;
  if (others.some((framework) => framework.plugins.queueSort[0]!.name !== name)) {
    throw new Error('different queue sort plugins for profiles');
  }
  return (a, b) => first!.less(a, b);
}
