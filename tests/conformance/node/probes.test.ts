import { describe, expect } from 'vitest';
import { eventually, story } from '../story.ts';

const BUSYBOX = 'registry.k8s.io/e2e-test-images/busybox:1.29-4';
const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53';

/** https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/ */
describe('probes', () => {
  story('a container whose liveness command fails is restarted', async ({ api, in: inside }) => {
    await api.create(`${inside()}/pods`, {
      metadata: { name: 'liveness' },
      spec: {
        containers: [
          {
            name: 'main',
            image: BUSYBOX,
            command: ['/bin/sh', '-c', 'touch /tmp/health; sleep 3; rm -f /tmp/health; sleep 600'],
            livenessProbe: { exec: { command: ['cat', '/tmp/health'] }, periodSeconds: 1, failureThreshold: 1 },
          },
        ],
      },
    });
    await eventually(async () => {
      const pod = await api.get(`${inside()}/pods/liveness`);
      expect(pod.status.containerStatuses[0].restartCount).toBeGreaterThan(0);
    });
  });

  story('a container is ready once its server answers', async ({ api, in: inside }) => {
    await api.create(`${inside()}/pods`, {
      metadata: { name: 'readiness' },
      spec: {
        containers: [
          {
            name: 'main',
            image: AGNHOST,
            args: ['netexec'],
            readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    });
    await eventually(async () => {
      const pod = await api.get(`${inside()}/pods/readiness`);
      expect(pod.status.containerStatuses[0].ready).toBe(true);
    });
  });

  story('containers of a pod share a volume', async ({ api, in: inside }) => {
    const volumeMounts = [{ name: 'work', mountPath: '/work' }];
    const command = (script: string) => ({ image: BUSYBOX, command: ['/bin/sh', '-c', script], volumeMounts });
    await api.create(`${inside()}/pods`, {
      metadata: { name: 'shared' },
      spec: {
        restartPolicy: 'Never',
        volumes: [{ name: 'work', emptyDir: {} }],
        initContainers: [{ name: 'writer', ...command('echo hello > /work/file') }],
        containers: [{ name: 'reader', ...command('grep hello /work/file') }],
      },
    });
    await eventually(async () => {
      expect((await api.get(`${inside()}/pods/shared`)).status.phase).toBe('Succeeded');
    });
  });
});
