import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pods } from '@pilothouse/api';
import { FakeCluster } from '../testing/fake-cluster.ts';

let cluster: FakeCluster;
beforeEach(async () => {
  cluster = await new FakeCluster().start();
});
afterEach(() => cluster.stop());

const main = (name = 'web') => cluster.pod(name).status!.containerStatuses![0]!;

describe('a pod that runs', () => {
  test('goes from ContainerCreating to Running with addresses, conditions and a container id', async () => {
    cluster.createPod('web');
    await cluster.clock.run(0);
    expect(cluster.pod('web').status).toMatchObject({
      phase: 'Pending',
      startTime: '2030-01-01T00:00:00Z',
      hostIP: '127.0.0.1',
      containerStatuses: [
        {
          name: 'main',
          state: { waiting: { reason: 'ContainerCreating' } },
          ready: false,
          started: false,
          imageID: '',
          image: 'nginx',
        },
      ],
    });

    await cluster.clock.run(1000);
    const status = cluster.pod('web').status!;
    expect(status).toMatchObject({
      phase: 'Running',
      observedGeneration: 1,
      podIP: '10.244.0.2',
      podIPs: [{ ip: '10.244.0.2' }],
      hostIPs: [{ ip: '127.0.0.1' }],
    });
    expect(status.conditions!.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
    expect(main()).toMatchObject({
      ready: true,
      started: true,
      restartCount: 0,
      image: 'docker.io/library/nginx:latest',
      containerID: expect.stringMatching(/^pilothouse:\/\/[0-9a-f]{64}$/),
      imageID: expect.stringMatching(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/),
      state: { running: { startedAt: '2030-01-01T00:00:00Z' } },
    });
  });

  test('tells of its pull, creation and start as a kubelet does, and of an image that is there already', async () => {
    cluster.createPod('first');
    await cluster.clock.run(1000);
    cluster.createPod('second');
    await cluster.clock.run(1000);
    expect(cluster.events('first')).toEqual([
      'Pulling: Pulling image "nginx"',
      expect.stringMatching(
        /^Pulled: Successfully pulled image "nginx" in \d+ms \(\d+ms including waiting\)\. Image size: \d+ bytes\.$/,
      ),
      'Created: Container created',
      'Started: Container started',
    ]);
    expect(cluster.events('second')[0]).toBe(
      'Pulled: Container image "nginx" already present on machine and can be accessed by the pod',
    );
  });

  test('is told of pull secrets that are not there, and pulls without them', async () => {
    cluster.createSecret('there', { '.dockerconfigjson': '{}' });
    cluster.createPod('web', { imagePullSecrets: [{ name: 'there' }, { name: 'gone' }, { name: 'lost' }] });
    await cluster.clock.run(2000);
    expect(cluster.ready('web')).toBe(true);
    expect(cluster.events('web').slice(0, 2)).toEqual([
      'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (gone, lost); attempting to pull the image may not succeed.',
      'Pulling: Pulling image "nginx"',
    ]);
  });

  test('writes only what changed: two patches from bound to ready, and silence after that', async () => {
    cluster.createPod('web');
    await cluster.clock.run(60_000);
    const writes = cluster.requests.filter((request) => request.includes('pods default/web'));
    expect(writes.length).toBeLessThanOrEqual(4);
    expect(new Set(writes)).toEqual(new Set(['patch pods default/web/status']));
    expect(cluster.patches[0]).toMatchObject({ metadata: { uid: cluster.pod('web').metadata.uid } });
  });

  test('in the host network has the address of its node', async () => {
    cluster.createPod('proxy', { hostNetwork: true });
    await cluster.clock.run(1000);
    expect(cluster.pod('proxy').status).toMatchObject({ phase: 'Running', podIP: '127.0.0.1', hostIP: '127.0.0.1' });
  });

  test('keeps the conditions of others and waits for its readiness gates', async () => {
    cluster.createPod('gated', { readinessGates: [{ conditionType: 'example.com/lb' }] });
    await cluster.clock.run(1000);
    const ready = () => cluster.pod('gated').status!.conditions!.find(({ type }) => type === 'Ready');
    expect(ready()).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/lb" does not exist.',
    });
    const pod = cluster.pod('gated');
    cluster.put(pods, {
      ...pod,
      status: { ...pod.status, conditions: [...pod.status!.conditions!, { type: 'example.com/lb', status: 'True' }] },
    });
    await cluster.clock.run(1000);
    expect(ready()).toMatchObject({ status: 'True' });
    expect(cluster.pod('gated').status!.conditions!.map(({ type }) => type)).toContain('example.com/lb');
  });

  test('becomes ready after the initial delays of its probes', async () => {
    cluster.createPod('slow', {
      container: { startupProbe: { initialDelaySeconds: 5 }, readinessProbe: { initialDelaySeconds: 10 } },
    });
    await cluster.clock.run(4000);
    expect(main('slow')).toMatchObject({ started: false, ready: false });
    await cluster.clock.run(2000);
    expect(main('slow')).toMatchObject({ started: true, ready: false });
    await cluster.clock.run(10_000);
    expect(main('slow')).toMatchObject({ started: true, ready: true });
  });
});

describe('a pod that ends', () => {
  test('of a Job succeeds after a second', async () => {
    const job = { apiVersion: 'batch/v1', kind: 'Job', name: 'once', uid: 'j', controller: true };
    cluster.createPod('once', { restartPolicy: 'Never', container: { image: 'worker:1' } }, { ownerReferences: [job] });
    await cluster.clock.run(900);
    expect(cluster.state('once')).toBe('Running');
    await cluster.clock.run(300);
    expect(cluster.pod('once').status).toMatchObject({ phase: 'Succeeded' });
    expect(main('once')).toMatchObject({
      ready: false,
      started: false,
      state: { terminated: { exitCode: 0, reason: 'Completed' } },
    });
    const conditions = Object.fromEntries(
      cluster.pod('once').status!.conditions!.map(({ type, status, reason }) => [type, [status, reason]]),
    );
    expect(conditions).toEqual({
      PodReadyToStartContainers: ['False', undefined],
      Initialized: ['True', 'PodCompleted'],
      Ready: ['False', 'PodCompleted'],
      ContainersReady: ['False', 'PodCompleted'],
      PodScheduled: ['True', undefined],
    });
  });

  test.each([
    ['sh -c exit 3', ['sh', '-c', 'echo working; sleep 2; exit 3'], 'Failed', 3],
    ['true', ['true'], 'Succeeded', 0],
    ['false', ['false'], 'Failed', 1],
  ])('with restartPolicy Never ends as its command does: %s', async (_, command, phase, exitCode) => {
    cluster.createPod('task', { restartPolicy: 'Never', container: { image: 'busybox', command } });
    await cluster.clock.run(5000);
    expect(cluster.pod('task').status!.phase).toBe(phase);
    expect(main('task').state!.terminated!.exitCode).toBe(exitCode);
  });

  test('over its deadline fails with DeadlineExceeded', async () => {
    cluster.createPod('late', { activeDeadlineSeconds: 30 });
    await cluster.clock.run(29_000);
    expect(cluster.state('late')).toBe('Running');
    await cluster.clock.run(2000);
    expect(cluster.pod('late').status).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    });
  });

  test('stays as it ended', async () => {
    cluster.createPod('task', { restartPolicy: 'Never', container: { image: 'busybox', command: ['true'] } });
    await cluster.clock.run(5000);
    const before = cluster.requests.length;
    await cluster.clock.run(5000);
    expect(cluster.requests.slice(before).filter((request) => request.includes('pods'))).toEqual([]);
  });
});

describe('a container that crashes', () => {
  test('restarts at once, then after 10 s, 20 s, 40 s, and shows CrashLoopBackOff meanwhile', async () => {
    cluster.createPod('crash', {}, { annotations: { 'pilothouse.dev/crash-loop': 'true' } });
    const restartsAt: number[] = [];
    for (let second = 0, restarts = 0; second < 120; second++) {
      await cluster.clock.run(1000);
      if (main('crash').restartCount > restarts) restartsAt.push(second);
      restarts = main('crash').restartCount;
      if (second === 6) {
        expect(cluster.state('crash')).toBe('CrashLoopBackOff');
        expect(main('crash').state!.waiting!.message).toBe(
          `back-off 10s restarting failed container=main pod=crash_default(${cluster.pod('crash').metadata.uid})`,
        );
        expect(main('crash').lastState!.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
        expect(cluster.pod('crash').status!.phase).toBe('Running');
      }
    }
    expect(restartsAt).toEqual([1, 12, 33, 74]);
    expect(cluster.events('crash')).toContain(
      `BackOff: Back-off restarting failed container main in pod crash_default(${cluster.pod('crash').metadata.uid})`,
    );
  });

  test('only so often as exit-times says, then runs', async () => {
    cluster.createPod(
      'flaky',
      {},
      { annotations: { 'pilothouse.dev/exit-code': '7', 'pilothouse.dev/exit-times': '2' } },
    );
    await cluster.clock.run(60_000);
    expect(main('flaky')).toMatchObject({ restartCount: 2, ready: true, lastState: { terminated: { exitCode: 7 } } });
  });

  test('out of memory is OOMKilled', async () => {
    cluster.createPod('hungry', { restartPolicy: 'Never' }, { annotations: { 'pilothouse.dev/oom-kill': 'true' } });
    await cluster.clock.run(3000);
    expect(main('hungry').state!.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  test('leaves a termination message', async () => {
    cluster.createPod('why', {
      restartPolicy: 'Never',
      container: { command: ['sh', '-c', 'echo because > /dev/termination-log; exit 1'] },
    });
    await cluster.clock.run(3000);
    expect(main('why').state!.terminated!.message).toBe('because\n');
  });
});

describe('an image', () => {
  test('that no registry has shows ErrImagePull, then ImagePullBackOff, and is pulled again after 10 s', async () => {
    cluster.createPod('bad', { container: { image: 'nginx:invalid' } });
    await cluster.clock.run(500);
    const error =
      'failed to pull and unpack image "docker.io/library/nginx:invalid": failed to resolve reference "docker.io/library/nginx:invalid": docker.io/library/nginx:invalid: not found';
    expect(main('bad').state!.waiting).toEqual({ reason: 'ErrImagePull', message: error });
    await cluster.clock.run(3000);
    expect(main('bad').state!.waiting).toEqual({
      reason: 'ImagePullBackOff',
      message: `Back-off pulling image "nginx:invalid": ErrImagePull: ${error}`,
    });
    expect(cluster.events('bad')).toEqual([
      'Pulling: Pulling image "nginx:invalid"',
      `Failed: Failed to pull image "nginx:invalid": ${error}`,
      'Failed: Error: ErrImagePull',
      'BackOff: Back-off pulling image "nginx:invalid"',
      'Failed: Error: ImagePullBackOff',
    ]);
    await cluster.clock.run(7000);
    expect(cluster.state('bad')).toBe('ErrImagePull');
  });

  test('that is corrected is pulled at once', async () => {
    cluster.createPod('bad', { container: { image: 'nginx:invalid' } });
    await cluster.clock.run(500);
    const pod = cluster.pod('bad');
    cluster.put(pods, {
      ...pod,
      spec: { ...pod.spec, containers: [{ ...pod.spec.containers[0]!, image: 'nginx:1.27' }] },
    });
    await cluster.clock.run(12_000);
    expect(cluster.state('bad')).toBe('Running');
  });

  test.each([
    ['registry.invalid/app:1', 'ErrImagePull'],
    ['UPPER/case', 'InvalidImageName'],
  ])('%s shows %s', async (image, reason) => {
    cluster.createPod('bad', { container: { image } });
    await cluster.clock.run(500);
    expect(cluster.state('bad')).toBe(reason);
  });

  test('that must not be pulled and is not there shows ErrImageNeverPull', async () => {
    cluster.createPod('never', { container: { imagePullPolicy: 'Never' } });
    await cluster.clock.run(500);
    expect(main('never').state!.waiting).toEqual({
      reason: 'ErrImageNeverPull',
      message: 'Container image "nginx" is not present with pull policy of Never',
    });
  });
});

describe('configuration', () => {
  test('from a missing ConfigMap shows CreateContainerConfigError until it exists', async () => {
    cluster.createPod('app', {
      container: { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }] },
    });
    await cluster.clock.run(1000);
    expect(main('app').state!.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'configmap "settings" not found',
    });
    expect(cluster.events('app')).toContain('Failed: Error: configmap "settings" not found');
    cluster.createConfigMap('settings', { b: '1' });
    await cluster.clock.run(10_000);
    expect(main('app').state!.waiting!.message).toBe("couldn't find key a in ConfigMap default/settings");
  });

  test('in a volume from a missing Secret keeps the pod in ContainerCreating, with FailedMount events', async () => {
    cluster.createPod('app', { volumes: [{ name: 'tls', secret: { secretName: 'cert' } }] });
    await cluster.clock.run(3000);
    expect(main('app').state!.waiting!.reason).toBe('ContainerCreating');
    expect(cluster.events('app')).toContain(
      'FailedMount: MountVolume.SetUp failed for volume "tls" : secret "cert" not found',
    );
    cluster.createSecret('cert', { 'tls.crt': 'x' });
    await cluster.clock.run(10_000);
    expect(cluster.state('app')).toBe('Running');
  });

  test('that is optional may be missing, and one request serves all pods of a namespace', async () => {
    cluster.createConfigMap('shared', { a: '1' });
    for (let n = 0; n < 10; n++) {
      cluster.createPod(`p${n}`, {
        volumes: [
          { name: 'v', configMap: { name: 'shared' } },
          { name: 'o', configMap: { name: 'nowhere', optional: true } },
        ],
      });
    }
    await cluster.clock.run(3000);
    expect(cluster.state('p9')).toBe('Running');
    expect(cluster.requests.filter((request) => request === 'get configmaps default/shared')).toHaveLength(1);
  });
});

describe('init containers and sidecars', () => {
  const init = { name: 'init', image: 'busybox', command: ['sh', '-c', 'sleep 2'] };

  test('run one after the other before the rest', async () => {
    cluster.createPod('app', { initContainers: [init, { ...init, name: 'second' }] });
    await cluster.clock.run(1000);
    const status = () => cluster.pod('app').status!;
    expect(status()).toMatchObject({
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
    });
    expect(status().initContainerStatuses).toMatchObject([
      { state: { running: {} } },
      { state: { waiting: { reason: 'PodInitializing' } } },
    ]);
    expect(status().conditions!.find(({ type }) => type === 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [init second]',
    });
    await cluster.clock.run(5000);
    expect(status()).toMatchObject({
      phase: 'Running',
      initContainerStatuses: [{ ready: true }, { ready: true, state: { terminated: { exitCode: 0 } } }],
    });
  });

  test('an init container that fails is tried again, or fails the pod', async () => {
    const failing = { ...init, command: ['false'] };
    cluster.createPod('again', { initContainers: [failing] });
    cluster.createPod('never', { initContainers: [failing], restartPolicy: 'Never' });
    await cluster.clock.run(5000);
    expect(cluster.state('again')).toBe('CrashLoopBackOff');
    expect(cluster.pod('again').status!.phase).toBe('Pending');
    expect(cluster.pod('never').status!.phase).toBe('Failed');
  });

  test('a sidecar runs beside a Job and is stopped when that is done', async () => {
    const sidecar = { name: 'proxy', image: 'envoy', restartPolicy: 'Always' };
    cluster.createPod('job', {
      restartPolicy: 'Never',
      initContainers: [sidecar],
      container: { command: ['sleep', '5'] },
    });
    await cluster.clock.run(3000);
    expect(cluster.pod('job').status).toMatchObject({
      phase: 'Running',
      initContainerStatuses: [{ started: true, ready: true }],
    });
    await cluster.clock.run(5000);
    expect(cluster.pod('job').status).toMatchObject({
      phase: 'Succeeded',
      initContainerStatuses: [{ state: { terminated: {} } }],
    });
    expect(cluster.events('job')).toContain('Killing: Stopping container proxy');
  });
});

describe('deletion', () => {
  test('stops the containers, writes the final status, and then deletes the pod by uid', async () => {
    cluster.createPod('web');
    await cluster.clock.run(1000);
    const { length } = cluster.requests;
    cluster.deletePod('web');
    await cluster.clock.run(1000);
    expect(cluster.podExists('web')).toBe(false);
    expect(cluster.events('web')).toContain('Killing: Stopping container main');
    const writes = cluster.requests.slice(length).filter((request) => request.includes('pods'));
    expect(writes.at(-1)).toBe('delete pods default/web');
    expect(writes.slice(0, -1)).toContain('patch pods default/web/status');
    expect(cluster.patches.at(-1)).toMatchObject({ status: { phase: 'Succeeded' } });
  });

  test('takes as long as the container needs, and no longer than the grace period', async () => {
    cluster.createPod('slow', {}, { annotations: { 'pilothouse.dev/stop-duration': '10s' } });
    cluster.createPod('stuck', {}, { annotations: { 'pilothouse.dev/stop-duration': '1h' } });
    await cluster.clock.run(1000);
    cluster.deletePod('slow', 30);
    cluster.deletePod('stuck', 30);
    await cluster.clock.run(9000);
    expect(cluster.pod('slow').status!.phase).toBe('Running');
    await cluster.clock.run(2000);
    expect(cluster.podExists('slow')).toBe(false);
    await cluster.clock.run(15_000);
    expect(cluster.podExists('stuck')).toBe(true);
    await cluster.clock.run(5000);
    expect(cluster.podExists('stuck')).toBe(false);
    expect(cluster.patches.at(-1)).toMatchObject({ status: { phase: 'Failed' } });
  });

  test('of a pod that never started fails it first', async () => {
    cluster.createPod('bad', { container: { image: 'nginx:invalid' } });
    await cluster.clock.run(1000);
    cluster.deletePod('bad');
    await cluster.clock.run(1000);
    expect(cluster.podExists('bad')).toBe(false);
    expect(cluster.patches.at(-1)).toMatchObject({
      status: {
        phase: 'Failed',
        containerStatuses: [{ state: { terminated: { reason: 'ContainerStatusUnknown', exitCode: 137 } } }],
      },
    });
  });

  test('by force frees the address at once', async () => {
    cluster.createPod('web');
    await cluster.clock.run(1000);
    cluster.remove(pods, 'web', 'default');
    expect(cluster.kubelet.podManager.list()).toHaveLength(0);
    expect(cluster.kubelet.runtime.state(cluster.requests[0]!)).toBeUndefined();
  });
});

describe('admission', () => {
  test('rejects what does not fit, as Failed with the reason', async () => {
    const cpu = (amount: string) => ({ container: { resources: { requests: { cpu: amount } } } });
    cluster.createPod('big', cpu('30'));
    cluster.createPod('more', cpu('3500m'));
    await cluster.clock.run(1000);
    expect(cluster.state('big')).toBe('Running');
    expect(cluster.pod('more').status).toMatchObject({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 3500, used: 30000, capacity: 32000",
    });
    expect(cluster.events('more')).toEqual([
      "OutOfcpu: Node didn't have enough resource: cpu, requested: 3500, used: 30000, capacity: 32000",
    ]);
  });

  test('rejects a node selector that the node does not match', async () => {
    cluster.createPod('picky', { nodeSelector: { disk: 'ssd' } });
    await cluster.clock.run(1000);
    expect(cluster.pod('picky').status).toMatchObject({ phase: 'Failed', reason: 'NodeAffinity' });
  });
});

describe('annotations on a running pod', () => {
  test('make it unready and ready again', async () => {
    cluster.createPod('web');
    await cluster.clock.run(1000);
    cluster.annotate('web', { 'pilothouse.dev/ready': 'false' });
    await cluster.clock.run(1000);
    expect(cluster.ready('web')).toBe(false);
    expect(cluster.events('web')).toContain(
      'Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503',
    );
    cluster.annotate('web', { 'pilothouse.dev/ready': 'true' });
    await cluster.clock.run(1000);
    expect(cluster.ready('web')).toBe(true);
  });

  test('that carry a container name are for that container only', async () => {
    const containers = ['a', 'b'].map((name) => ({ name, image: 'nginx' }));
    cluster.createPod(
      'two',
      { containers },
      { annotations: { 'b.pilothouse.dev/exit-code': '2', 'a.pilothouse.dev/start-delay': '10s' } },
    );
    await cluster.clock.run(5000);
    expect(cluster.pod('two').status!.containerStatuses).toMatchObject([
      { name: 'a', restartCount: 0, state: { waiting: {} } },
      { name: 'b', restartCount: 1 },
    ]);
  });
});
