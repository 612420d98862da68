import type { Json } from '../api.ts';

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
