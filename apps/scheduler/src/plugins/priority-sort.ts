import type { PluginFactory } from '../framework/plugin.ts';

/** Higher priority first; among equals, first come first served. */
export const prioritySort: PluginFactory = {
  name: 'PrioritySort',
  build: () => ({
    name: 'PrioritySort',
    less(a, b) {
      if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority;
      if (a.timestampMs !== b.timestampMs) return a.timestampMs < b.timestampMs;
      return a.sequence < b.sequence;
    },
  }),
};
