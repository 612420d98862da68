import { expect } from 'vitest';
import type { Api, Json } from '../api.ts';
import { eventually } from '../story.ts';

/** A pod template with one container that runs this shell line. */
export function template(app: string, command: string, restartPolicy = 'Always'): Json {
  return {
    metadata: { labels: { app } },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', command] }],
    },
  };
}

/** A pod with one container that runs this shell line. */
export function pod(name: string, command: string, spec: Json = {}): Json {
  const { spec: usual } = template(name, command, 'Never');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { name } },
    spec: { ...usual, ...spec, containers: spec.containers ?? usual.containers },
  };
}

const workload = (name: string, replicas: number, app: string, rest: Json): Json => ({
  metadata: { name, labels: { app }, ...rest.metadata },
  spec: { replicas, selector: { matchLabels: { app } }, template: template(app, 'sleep 1000'), ...rest.spec },
});

export function deploymentOf(name: string, replicas: number, app = name, rest: Json = {}): Json {
  return workload(name, replicas, app, rest);
}

export function replicaSetOf(name: string, replicas: number, app = name, rest: Json = {}): Json {
  return workload(name, replicas, app, rest);
}

/** Until so many of its pods are available. */
export function available(api: Api, path: string, count: number): Promise<Json> {
  return eventually(async () => {
    const object = await api.get(path);
    expect(object.status.availableReplicas ?? object.status.readyReplicas).toBe(count);
    return object;
  });
}
