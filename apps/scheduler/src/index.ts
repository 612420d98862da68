export { buildScheduler } from './build-scheduler.ts';
export type { BuiltScheduler, SchedulerParts } from './build-scheduler.ts';
export { addEventHandlers, clusterListers } from './cluster-informers.ts';
export { defaultConfiguration, parseConfiguration } from './config/scheduler-configuration.ts';
export type { SchedulerConfiguration, SchedulerProfile } from './config/scheduler-configuration.ts';
export { KubeApiWriter } from './kube-api-writer.ts';
export { PLUGINS } from './plugins/index.ts';
export type { Plugin, PluginFactory } from './framework/plugin.ts';
