import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configmaps } from '@pilothouse/api';
import type { Container } from '@pilothouse/api';
import { FakeCluster } from '../testing/fake-cluster.ts';

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await new FakeCluster().start();
});
afterEach(() => cluster.stop());

const main = (name = 'web') => cluster.pod(name).status!.containerStatuses![0]!;
const sh = (script: string): string[] => ['sh', '-c', script];
const busybox = (script: string, rest: Partial<Container> = {}): { container: Partial<Container> } => ({
  container: { image: 'busybox', command: sh(script), ...rest },
});

describe('a gRPC probe', () => {
  const agnhost = (args: string[], livenessProbe: Container['livenessProbe']) => ({
    container: { image: 'registry.k8s.io/e2e-test-images/agnhost:2.56', args, livenessProbe } as Partial<Container>,
  });

  test('restarts a container whose server says that it is not well', async () => {
    const livenessProbe = { grpc: { port: 5000 }, periodSeconds: 1, failureThreshold: 1 };
    cluster.createPod('web', agnhost(['grpc-health-checking', '--delay-unhealthy-seconds=10'], livenessProbe));
    await cluster.clock.run(8_000);
    expect(main()).toMatchObject({ restartCount: 0, ready: true });
    await cluster.clock.run(5_000);
    expect(main()).toMatchObject({ restartCount: 1 });
    expect(cluster.events('web')).toContain(
      'Unhealthy: Liveness probe failed: service unhealthy (responded with "NOT_SERVING")',
    );
  });

  test.each([
    [
      'nobody listens',
      2345,
      '',
      /timeout: failed to connect service "[0-9.]+:2345" within 1s: context deadline exceeded/,
    ],
    ['something else does', 8080, '', /timeout: failed to connect service "[0-9.]+:8080" within 1s/],
    ['the service is not known', 5000, 'other', /error: health rpc probe failed: rpc error: code = NotFound desc/],
  ])('fails where %s', async (_, port, service, message) => {
    const livenessProbe = { grpc: { port, service }, periodSeconds: 1, failureThreshold: 1 };
    cluster.createPod('web', agnhost(['grpc-health-checking'], livenessProbe));
    await cluster.clock.run(4_000);
    expect(cluster.events('web').join('\n')).toMatch(message);
  });
});

describe('an exec probe', () => {
  test('restarts a container whose file has gone, with the events of a kubelet', async () => {
    const livenessProbe = { exec: { command: ['cat', '/tmp/health'] }, periodSeconds: 1, failureThreshold: 1 };
    cluster.createPod('web', busybox('touch /tmp/health; sleep 10; rm /tmp/health; sleep 600', { livenessProbe }));
    await cluster.clock.run(9_000);
    expect(main()).toMatchObject({ restartCount: 0, ready: true });
    await cluster.clock.run(5_000);
    expect(main()).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 143 } } });
    expect(cluster.events('web')).toEqual(
      expect.arrayContaining([
        "Unhealthy: Liveness probe failed: cat: can't open '/tmp/health': No such file or directory\n",
        'Killing: Container main failed liveness probe, will be restarted',
      ]),
    );
  });

  test('keeps a container unready until its command succeeds, and takes it out again when it fails', async () => {
    const readinessProbe = { exec: { command: ['test', '-f', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 2 };
    cluster.createPod(
      'web',
      busybox('sleep 5; touch /tmp/ready; sleep 10; rm /tmp/ready; sleep 600', { readinessProbe }),
    );
    await cluster.clock.run(3_000);
    expect(main()).toMatchObject({ started: true, ready: false });
    await cluster.clock.run(4_000);
    expect(main()).toMatchObject({ ready: true });
    await cluster.clock.run(12_000);
    expect(main()).toMatchObject({ ready: false, restartCount: 0 });
  });

  test('of the startup kind holds the others back, and restarts the container in the end', async () => {
    const probe = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 };
    cluster.createPod(
      'web',
      busybox('sleep 600', { startupProbe: { ...probe, failureThreshold: 5 }, livenessProbe: probe }),
    );
    await cluster.clock.run(3_000);
    expect(main()).toMatchObject({ restartCount: 0, started: false });
    await cluster.clock.run(4_000);
    expect(main()).toMatchObject({ restartCount: 1 });
    expect(cluster.events('web')).toContain('Killing: Container main failed startup probe, will be restarted');
  });

  test('that takes longer than its timeout has failed', async () => {
    const livenessProbe = {
      exec: { command: ['sleep', '10'] },
      timeoutSeconds: 2,
      periodSeconds: 5,
      failureThreshold: 1,
    };
    cluster.createPod('web', { restartPolicy: 'Never', ...busybox('sleep 600', { livenessProbe }) });
    await cluster.clock.run(10_000);
    expect(cluster.events('web')).toEqual(
      expect.arrayContaining([
        'Unhealthy: Liveness probe failed: command timed out: "sleep 10" timed out after 2s',
        'Killing: Container main failed liveness probe',
      ]),
    );
    expect(cluster.pod('web').status).toMatchObject({ phase: 'Failed' });
  });

  test.each([
    ['an unknown command', { image: 'postgres', readinessProbe: { exec: { command: sh('pg_isready | grep ok') } } }],
    [
      'a file that an unknown program would write',
      { image: 'x', readinessProbe: { exec: { command: ['cat', '/r'] } } },
    ],
    ['a port of an unknown program', { image: 'x', livenessProbe: { httpGet: { port: 8080 }, failureThreshold: 1 } }],
  ])('is assumed good about %s', async (_, container) => {
    cluster.createPod('web', { container });
    await cluster.clock.run(60_000);
    expect(main()).toMatchObject({ ready: true, restartCount: 0 });
  });
});

describe('an HTTP or TCP probe', () => {
  test('of a program that turns bad restarts it', async () => {
    const livenessProbe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 3, failureThreshold: 1 };
    cluster.createPod('web', {
      container: { image: 'registry.k8s.io/e2e-test-images/agnhost:2.40', args: ['liveness'], livenessProbe },
    });
    await cluster.clock.run(20_000);
    expect(main()).toMatchObject({ restartCount: 1 });
    expect(cluster.events('web')).toContain('Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500');
  });

  test('of a port at which a known program does not listen fails', async () => {
    const readinessProbe = { tcpSocket: { port: 9999 }, periodSeconds: 1 };
    cluster.createPod('web', { container: { image: 'agnhost', args: ['netexec'], readinessProbe } });
    await cluster.clock.run(5_000);
    expect(main()).toMatchObject({ ready: false });
    expect(cluster.events('web')).toContain(
      'Unhealthy: Readiness probe failed: dial tcp 10.244.0.2:9999: connect: connection refused',
    );
  });

  test('finds a port by its name', async () => {
    const ports = [{ name: 'http', containerPort: 8080 }];
    cluster.createPod('web', {
      container: {
        image: 'agnhost',
        args: ['netexec'],
        ports,
        readinessProbe: { httpGet: { path: '/healthz', port: 'http' } },
      },
    });
    await cluster.clock.run(2_000);
    expect(main()).toMatchObject({ ready: true });
  });
});

describe('a hook', () => {
  test('after the start is run in the container before it is ready', async () => {
    const lifecycle = { postStart: { exec: { command: sh('sleep 3; echo hi > /tmp/hook') } } };
    const readinessProbe = { exec: { command: ['cat', '/tmp/hook'] } };
    cluster.createPod('web', busybox('sleep 600', { lifecycle, readinessProbe }));
    await cluster.clock.run(2_000);
    expect(main()).toMatchObject({ started: false, ready: false });
    await cluster.clock.run(2_000);
    expect(main()).toMatchObject({ started: true, ready: true });
  });

  test('that fails after the start ends the container', async () => {
    cluster.createPod('web', busybox('sleep 600', { lifecycle: { postStart: { exec: { command: ['false'] } } } }));
    await cluster.clock.run(2_000);
    expect(main().restartCount).toBeGreaterThan(0);
    expect(cluster.events('web')).toEqual(
      expect.arrayContaining(['FailedPostStartHook: PostStartHook failed', 'Killing: FailedPostStartHook']),
    );
  });

  test('before the stop delays it, within the grace period', async () => {
    cluster.createPod('web', busybox('sleep 600', { lifecycle: { preStop: { sleep: { seconds: 5 } } } }));
    cluster.createPod('stuck', busybox('sleep 600', { lifecycle: { preStop: { sleep: { seconds: 500 } } } }));
    await cluster.clock.run(1_000);
    cluster.deletePod('web');
    cluster.deletePod('stuck', 10);
    await cluster.clock.run(4_000);
    expect(cluster.podExists('web')).toBe(true);
    await cluster.clock.run(2_000);
    expect(cluster.podExists('web')).toBe(false);
    expect(cluster.podExists('stuck')).toBe(true);
    await cluster.clock.run(5_000);
    expect(cluster.podExists('stuck')).toBe(false);
  });

  test('that fails before the stop is told, and the container stops all the same', async () => {
    cluster.createPod('web', busybox('sleep 600', { lifecycle: { preStop: { exec: { command: ['false'] } } } }));
    await cluster.clock.run(1_000);
    cluster.deletePod('web');
    await cluster.clock.run(1_000);
    expect(cluster.podExists('web')).toBe(false);
    expect(cluster.events('web')).toContain('FailedPreStopHook: PreStopHook failed');
  });
});

describe('volumes', () => {
  test('are shared by the containers of a pod', async () => {
    const volumeMounts = [{ name: 'work', mountPath: '/work' }];
    cluster.createPod('web', {
      restartPolicy: 'Never',
      volumes: [{ name: 'work', emptyDir: {} }],
      initContainers: [{ name: 'init', image: 'busybox', command: sh('echo made > /work/file'), volumeMounts }],
      containers: [{ name: 'main', image: 'busybox', command: sh('grep made /work/file'), volumeMounts }],
    });
    await cluster.clock.run(2_000);
    expect(cluster.pod('web').status).toMatchObject({ phase: 'Succeeded' });
  });

  test('follow a ConfigMap that changes, but not through a subPath, and can not be written to', async () => {
    const config = cluster.createConfigMap('config', { mode: 'old' });
    const check = 'grep new /config/mode && grep old /etc/mode && ! touch /config/x';
    cluster.createPod('web', {
      volumes: [{ name: 'config', configMap: { name: 'config' } }],
      ...busybox('sleep 6000', {
        volumeMounts: [
          { name: 'config', mountPath: '/config' },
          { name: 'config', mountPath: '/etc/mode', subPath: 'mode' },
        ],
        readinessProbe: { exec: { command: sh(check) }, periodSeconds: 1 },
      }),
    });
    await cluster.clock.run(5_000);
    expect(main()).toMatchObject({ ready: false });
    cluster.put(configmaps, {
      ...config,
      data: { mode: 'new' },
    });
    await cluster.clock.run(130_000);
    expect(main()).toMatchObject({ ready: true });
  });
});
