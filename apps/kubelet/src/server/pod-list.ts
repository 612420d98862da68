import type { Pod } from '@pilothouse/api';
import { servedNode } from './served-node.ts';
import { sendJson } from './route.ts';
import type { Route } from './route.ts';

/** `GET /pods`: the pods bound to the node, as the kubelet knows them. */
export const podList: Route = {
  method: 'GET',
  path: /^\/pods\/?$/,
  serve({ request, query, response, services }) {
    const workers = services.podManager.list(servedNode(request, query, services));
    sendJson(response, listOf(workers.map(({ pod }) => ({ ...pod, apiVersion: 'v1', kind: 'Pod' }))));
  },
};

/** `GET /runningpods/`: those with a running container, as the runtime knows them. */
export const runningPodList: Route = {
  method: 'GET',
  path: /^\/runningpods\/?$/,
  serve({ request, query, response, services }) {
    const running = services.podManager.list(servedNode(request, query, services)).flatMap(({ uid, pod }): Pod[] => {
      const states = [...(services.runtime.state(uid)?.containers.values() ?? [])].filter(
        ({ state }) => state === 'running',
      );
      if (states.length === 0) return [];
      const { name, namespace } = pod.metadata;
      const metadata = { ...(name ? { name } : {}), ...(namespace ? { namespace } : {}), uid };
      return [
        {
          metadata,
          spec: { containers: states.map((state) => ({ name: state.name, image: state.imageId, resources: {} })) },
          status: {},
        },
      ];
    });
    sendJson(response, listOf(running));
  },
};

function listOf(items: readonly Pod[]): object {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}
