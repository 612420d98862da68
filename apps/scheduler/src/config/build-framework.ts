import { Framework, type PluginsByPoint } from '../framework/framework.ts';
import type { FrameworkHandle } from '../framework/handle.ts';
import type { Plugin, PluginFactory } from '../framework/plugin.ts';
import { multiPointPlugins, pluginsOfPoint, SINGLE_POINTS } from './plugin-sets.ts';
import type { SchedulerProfile } from './scheduler-configuration.ts';

/** Everything of a handle but what the framework itself gives. */
export type HandleParts = Omit<
  FrameworkHandle,
  'schedulerName' | 'runFilters' | 'runPreFilterAddPod' | 'runPreFilterRemovePod'
>;

/** Builds the plugins of one profile, each once, and puts them in their places. Throws on a profile that cannot be. */
export function buildFramework(
  profile: SchedulerProfile,
  factories: readonly PluginFactory[],
  parts: HandleParts,
): Framework {
  const handle: FrameworkHandle = {
    ...parts,
    schedulerName: profile.schedulerName,
    runFilters: (state, pod, node) => framework.runFilters(state, pod, node),
    runPreFilterAddPod: (state, pod, added, node) => framework.runPreFilterAddPod(state, pod, added, node),
    runPreFilterRemovePod: (state, pod, removed, node) => framework.runPreFilterRemovePod(state, pod, removed, node),
  };
  const instance = instances(profile, factories, handle);

  const multiPoint = multiPointPlugins(profile);
  const entries = SINGLE_POINTS.map((point) => {
    const enabled = pluginsOfPoint(point, multiPoint, profile.plugins?.[point], instance);
    const plugins = enabled.map(({ name, weight }) =>
      // A weight of 0 cannot be meant: the plugin would be disabled instead.
      point === 'score' ? { plugin: instance(name), weight: weight || 1 } : instance(name),
    );
    return [point, plugins] as const;
  });
  const plugins = Object.fromEntries(entries) as unknown as PluginsByPoint;
  if (plugins.queueSort.length !== 1) {
    throw new Error(
      `only one queue sort plugin required for profile with scheduler name "${profile.schedulerName}", but got ${plugins.queueSort.length}`,
    );
  }
  if (plugins.bind.length === 0) {
    throw new Error(`at least one bind plugin is needed for profile with scheduler name "${profile.schedulerName}"`);
  }
  const framework = new Framework(handle, plugins, profile.percentageOfNodesToScore);
  return framework;
}

function instances(
  { pluginConfig }: SchedulerProfile,
  factories: readonly PluginFactory[],
  handle: FrameworkHandle,
): (name: string) => Plugin {
  const factoryOf = new Map(factories.map((factory) => [factory.name, factory]));
  const argsOf = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { name, args } of pluginConfig ?? []) {
    if (!factoryOf.has(name)) throw new Error(`pluginConfig: plugin "${name}" does not exist`);
    if (argsOf.has(name)) throw new Error(`repeated config for plugin ${name}`);
    argsOf.set(name, args ?? {});
  }
  const built = new Map<string, Plugin>();
  return (name) => {
    let plugin = built.get(name);
    if (!plugin) {
      const factory = factoryOf.get(name);
      if (!factory) throw new Error(`plugin "${name}" does not exist`);
      try {
        plugin = factory.build(argsOf.get(name) ?? {}, handle);
      } catch (error) {
        throw new Error(`initializing plugin "${name}": ${(error as Error).message}`, { cause: error });
      }
      built.set(name, plugin);
    }
    return plugin;
  };
}
