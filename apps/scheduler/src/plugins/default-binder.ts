import type { PluginFactory } from '../framework/plugin.ts';

/** Binds by creating a Binding for the pod. */
export const defaultBinder: PluginFactory = {
  name: 'DefaultBinder',
  build: (_args, { api }) => ({
    name: 'DefaultBinder',
    async bind(_state, { pod }, nodeName) {
      const { namespace, name, uid } = pod.metadata;
      await api.bindPod({
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: {
          ...(name === undefined ? {} : { name }),
          ...(namespace === undefined ? {} : { namespace }),
          ...(uid === undefined ? {} : { uid }),
        },
        target: { kind: 'Node', name: nodeName },
      });
      return undefined;
    },
  }),
};
