import type { Plugin } from '../framework/plugin.ts';
import { DEFAULT_PLUGINS, type EnabledPlugin } from './default-profile.ts';
import {
  EXTENSION_POINTS,
  type ExtensionPoint,
  type PluginSet,
  type SchedulerProfile,
} from './scheduler-configuration.ts';

export type SinglePoint = Exclude<ExtensionPoint, 'multiPoint'>;

export const SINGLE_POINTS = EXTENSION_POINTS.filter((point) => point !== 'multiPoint');

/** What a plugin must have to take part in an extension point. */
const TAKES_PART: Readonly<Record<SinglePoint, (plugin: Plugin) => boolean>> = {
  preEnqueue: (plugin) => plugin.preEnqueue !== undefined,
  queueSort: (plugin) => plugin.less !== undefined,
  preFilter: (plugin) => plugin.preFilter !== undefined,
  filter: (plugin) => plugin.filter !== undefined,
  postFilter: (plugin) => plugin.postFilter !== undefined,
  preScore: (plugin) => plugin.preScore !== undefined,
  score: (plugin) => plugin.score !== undefined,
  reserve: (plugin) => plugin.reserve !== undefined || plugin.unreserve !== undefined,
  permit: (plugin) => plugin.permit !== undefined,
  preBind: (plugin) => plugin.preBind !== undefined,
  bind: (plugin) => plugin.bind !== undefined,
  postBind: (plugin) => plugin.postBind !== undefined,
};

/** The default plugins as the profile changes them, for all extension points at once. */
export function multiPointPlugins({ plugins }: SchedulerProfile): readonly EnabledPlugin[] {
  const { enabled = [], disabled = [] } = plugins?.multiPoint ?? {};
  const off = new Set(disabled.map(({ name }) => name));
  const kept = off.has('*') ? [] : DEFAULT_PLUGINS.filter(({ name }) => !off.has(name));
  const byName = new Map(enabled.map((plugin) => [plugin.name, plugin]));
  const merged = kept.map((plugin) => byName.get(plugin.name) ?? plugin);
  const present = new Set(merged.map(({ name }) => name));
  return [...merged, ...enabled.filter(({ name }) => !present.has(name))];
}

/**
 * The plugins of one extension point, in the order in which they run, as upstream expands multiPoint: first those of
 * multiPoint that the point itself names again, then the rest of multiPoint, then those that only the point names.
 */
export function pluginsOfPoint(
  point: SinglePoint,
  multiPoint: readonly EnabledPlugin[],
  set: PluginSet | undefined,
  instance: (name: string) => Plugin,
): readonly EnabledPlugin[] {
  const takesPart = TAKES_PART[point];
  const own = set?.enabled ?? [];
  for (const { name } of own) {
    if (!takesPart(instance(name))) throw new Error(`plugin "${name}" does not extend ${point} plugin`);
  }
  const ownNames = new Set(own.map(({ name }) => name));
  if (ownNames.size < own.length) throw new Error(`plugin already registered at ${point}`);
  const off = new Set((set?.disabled ?? []).map(({ name }) => name));
  const general = off.has('*') ? [] : multiPoint.filter(({ name }) => takesPart(instance(name)) && !off.has(name));
  const generalNames = new Set(general.map(({ name }) => name));
  return [
    ...own.filter(({ name }) => generalNames.has(name)),
    ...general.filter(({ name }) => !ownNames.has(name)),
    ...own.filter(({ name }) => !generalNames.has(name)),
  ];
}
