import { describe, expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import { agnhost, logOf, runPod, script, untilPod } from '../pods.ts';
import type { Json } from '../api.ts';

/** https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/ */
describe('lifecycle hooks', () => {
  const server = (told: Story): Promise<Json> => runPod(told, agnhost(['netexec']));
  const told200 = (told: Story, pod: Json, path: string): Promise<void> =>
    eventually(async () => expect(await logOf(told, pod.metadata.name)).toContain(`GET ${path}`), 90_000);

  for (const moment of ['postStart', 'preStop'])
    for (const way of ['exec', 'httpGet']) {
      story(`${moment} is carried out as ${way}`, async (told) => {
        const { status, ...target } = await server(told);
        const path = `/echo?msg=${moment}`;
        const handler: Json =
          way === 'exec'
            ? { exec: { command: ['sh', '-c', `curl http://${status.podIP}:8080${path}`] } }
            : { httpGet: { path, host: status.podIP, port: 8080, scheme: 'HTTP' } };
        const pod = await runPod(told, agnhost(['pause'], { lifecycle: { [moment]: handler } }), {
          terminationGracePeriodSeconds: 30,
        });
        if (moment === 'preStop') {
          expect(await logOf(told, target.metadata.name)).not.toContain(path);
          await told.api.delete(`${told.in()}/pods/${pod.metadata.name}`);
        }
        await told200(told, target, path);
      });
    }

  story('a container may wait before it stops', async (told) => {
    const lifecycle = { preStop: { sleep: { seconds: 2 } } };
    const { name } = (await runPod(told, script('sleep 1000', { lifecycle }), { terminationGracePeriodSeconds: 30 }))
      .metadata;
    const path = `${told.in()}/pods/${name}`;
    const { deletionTimestamp } = (await told.api.delete(path)).metadata;
    expect(deletionTimestamp).toBeTruthy();
    await eventually(async () => expect((await told.api.send('GET', path)).code).toBe(404));
  });
});

/** https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/ */
describe('probes', () => {
  const restarts = (pod: Json): number => pod.status.containerStatuses?.[0].restartCount ?? 0;
  const always = { restartPolicy: 'Always' };
  const often = { periodSeconds: 1, failureThreshold: 1 };

  for (const [what, container] of [
    [
      'http endpoint turns bad',
      agnhost(['liveness'], { livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, ...often } }),
    ],
    [
      'gRPC server does not listen where it is asked',
      agnhost(['grpc-health-checking'], { livenessProbe: { grpc: { port: 2333 }, initialDelaySeconds: 1, ...often } }),
    ],
  ] as const) {
    story(
      `a container whose ${what} is restarted, and counted`,
      async (told) => {
        const { name } = (await runPod(told, container, always)).metadata;
        await untilPod(told, name, (pod) => expect(restarts(pod)).toBeGreaterThanOrEqual(1));
        if (what.startsWith('gRPC')) return;
        let last = 0;
        await untilPod(told, name, (pod) => {
          expect(restarts(pod)).toBeGreaterThanOrEqual(last);
          last = restarts(pod);
          expect(last).toBeGreaterThanOrEqual(2);
        });
      },
      240_000,
    );
  }

  for (const [what, container] of [
    [
      'http endpoint answers',
      agnhost(['test-webserver'], { livenessProbe: { httpGet: { path: '/', port: 80 }, ...often } }),
    ],
    [
      'port is open whatever it says',
      agnhost(['liveness'], { livenessProbe: { tcpSocket: { port: 8080 }, ...often } }),
    ],
    ['gRPC server is well', agnhost(['grpc-health-checking'], { livenessProbe: { grpc: { port: 5000 }, ...often } })],
    [
      'command succeeds',
      script('echo ok > /tmp/health; sleep 600', {
        livenessProbe: { exec: { command: ['cat', '/tmp/health'] }, ...often },
      }),
    ],
  ] as const) {
    story(`a container whose ${what} is left alone`, async (told) => {
      const readinessProbe = { exec: { command: ['true'] }, initialDelaySeconds: 12, periodSeconds: 1 };
      const pod = await runPod(told, { ...container, readinessProbe }, always);
      expect(restarts(pod)).toBe(0);
    });
  }

  story('a container is ready only after the initial delay of its probe, and is not restarted', async (told) => {
    const readinessProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 5, periodSeconds: 1 };
    const pod = await runPod(told, agnhost(['test-webserver'], { readinessProbe }), always);
    const { startedAt } = pod.status.containerStatuses[0].state.running;
    const ready = pod.status.conditions.find(({ type }: Json) => type === 'Ready');
    expect(Date.parse(ready.lastTransitionTime) - Date.parse(startedAt)).toBeGreaterThanOrEqual(4_000);
    expect(restarts(pod)).toBe(0);
  });
});
