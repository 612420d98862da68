import { describe, expect } from 'vitest';
import { eventually, story } from '../story.ts';
import { AGNHOST, agnhost, createPod, exec, logOf, outputOf, runPod, script, untilPhase, untilPod } from '../pods.ts';
import type { Json } from '../api.ts';

/** https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/ */
describe('the command of a container', () => {
  const image = (fields: Json): Json => ({ name: 'c', image: AGNHOST, ...fields });

  story('is the image’s own', async (told) => {
    const pod = await runPod(told, image({}));
    await eventually(async () => expect(await logOf(told, pod.metadata.name)).toContain('Paused'));
  });

  for (const [what, fields] of [
    ['takes the arguments of the pod', { args: ['entrypoint-tester', 'override', 'arguments'] }],
    ['is the pod’s', { command: ['/agnhost', 'entrypoint-tester'], args: ['override', 'arguments'] }],
  ] as const) {
    story(`the command of a container ${what}`, async (told) => {
      expect(await outputOf(told, image(fields))).toBe('[/agnhost entrypoint-tester override arguments]\n');
    });
  }

  story('variables of the container stand for themselves in command, arguments and later variables', async (told) => {
    const env = [
      { name: 'FOO', value: 'foo-value' },
      { name: 'BAR', value: '$(FOO);;$$(FOO);;$(NONE)' },
    ];
    const command = image({ command: ['/agnhost', 'entrypoint-tester', '$(FOO)'], args: ['$(BAR)'], env });
    expect(await outputOf(told, command)).toBe('[/agnhost entrypoint-tester foo-value foo-value;;$(FOO);;$(NONE)]\n');
  });
});

/** https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ */
describe('termination messages', () => {
  const terminated = async (told: Parameters<typeof createPod>[0], container: Json, phase: string): Promise<Json> => {
    const pod = await createPod(told, container);
    return (await untilPhase(told, pod.metadata.name, phase)).status.containerStatuses[0].state.terminated;
  };
  const FALLBACK = { terminationMessagePolicy: 'FallbackToLogsOnError' };

  for (const [what, container, phase, message] of [
    ['is empty for a container that ends well and only logs', script('echo -n OK', FALLBACK), 'Succeeded', undefined],
    [
      'is what the file holds, also with the policy for errors',
      script('echo -n OK > /dev/termination-log', FALLBACK),
      'Succeeded',
      'OK',
    ],
    ['is the end of the log after an error', script('echo -n DONE; exit 1', FALLBACK), 'Failed', 'DONE'],
    [
      'is at the path that a container of another user names',
      script('echo -n DONE > /dev/termination-custom-log', {
        terminationMessagePath: '/dev/termination-custom-log',
        securityContext: { runAsUser: 1000 },
      }),
      'Succeeded',
      'DONE',
    ],
  ] as const) {
    story(`a termination message ${what}`, async (told) => {
      expect((await terminated(told, container, phase)).message).toBe(message);
    });
  }

  story('restart policies decide who is started again', async (told) => {
    const state = { volumeMounts: [{ name: 'v', mountPath: '/state' }] };
    // Fails once, then ends well and, with Always, then stays.
    const text =
      'n=$(cat /state/n); echo -n x >> /state/n; if [ -z "$n" ]; then exit 1; fi; if [ "$n" = x ]; then exit 0; fi; sleep 1000';
    const volumes = [{ name: 'v', emptyDir: {} }];
    const [always, onFailure, never] = await Promise.all(
      ['Always', 'OnFailure', 'Never'].map((restartPolicy) =>
        createPod(told, script(text, state), { restartPolicy, volumes }),
      ),
    );
    const count = (pod: Json): number => pod.status.containerStatuses[0].restartCount;
    const failed = await untilPhase(told, never.metadata.name, 'Failed');
    expect(count(failed)).toBe(0);
    expect(count(await untilPhase(told, onFailure.metadata.name, 'Succeeded'))).toBe(1);
    await untilPod(told, always.metadata.name, (pod) => {
      expect(count(pod)).toBe(2);
      expect(pod.status).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true }] });
    });
  });

  story('a pod whose command always fails says why, and is deleted', async (told) => {
    const pod = await createPod(told, script('false'), { restartPolicy: 'Always' });
    await untilPod(told, pod.metadata.name, ({ status }) => {
      const { state, lastState } = status.containerStatuses[0];
      expect((state.terminated ?? lastState.terminated)?.reason).toBe('Error');
    });
    await told.api.delete(`${told.in()}/pods/${pod.metadata.name}`);
    await eventually(async () =>
      expect((await told.api.send('GET', `${told.in()}/pods/${pod.metadata.name}`)).code).toBe(404),
    );
  });
});

/** https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ */
describe('security contexts', () => {
  story('a container runs as the user and group that its pod asks for, and its own before them', async (told) => {
    const securityContext = { runAsUser: 1001, runAsGroup: 2002, supplementalGroups: [3003] };
    expect(await outputOf(told, script('id -u; id -g; id -G'), { securityContext })).toBe('1001\n2002\n2002 3003\n');
    const own = { securityContext: { runAsUser: 65534, runAsGroup: 1 } };
    expect(await outputOf(told, script('id', own), { securityContext })).toContain('uid=65534(nobody) gid=1 ');
  });

  for (const readOnlyRootFilesystem of [true, false]) {
    story(`a root file system is ${readOnlyRootFilesystem ? 'not ' : ''}written to`, async (told) => {
      const pod = await createPod(told, script('echo test > /file', { securityContext: { readOnlyRootFilesystem } }));
      await untilPhase(told, pod.metadata.name, readOnlyRootFilesystem ? 'Failed' : 'Succeeded');
      expect(await logOf(told, pod.metadata.name)).toBe(
        readOnlyRootFilesystem ? "sh: can't create /file: Read-only file system\n" : '',
      );
    });
  }

  story('a container without privileges gets none', async (told) => {
    const securityContext = { allowPrivilegeEscalation: false, runAsUser: 1000 };
    const image = 'registry.k8s.io/e2e-test-images/nonewprivs:1.3';
    expect(await outputOf(told, { name: 'c', image, securityContext })).toBe('Effective uid: 1000\n');
    const unprivileged = script('ip link add dummy0 type dummy || true', { securityContext: { privileged: false } });
    expect(await outputOf(told, unprivileged)).toContain('Operation not permitted');
  });

  story('a pod sets the kernel parameters that it asks for', async (told) => {
    const sysctls = [{ name: 'kernel.shm_rmid_forced', value: '1' }];
    expect(
      await outputOf(told, script('/bin/sysctl kernel.shm_rmid_forced'), { securityContext: { sysctls } }),
    ).toContain('kernel.shm_rmid_forced = 1');
  });
});

/** https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/ */
describe('/etc/hosts', () => {
  story('names the aliases of the pod', async (told) => {
    const hostAliases = [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }];
    const log = await outputOf(told, agnhost(['etc-hosts']), { hostAliases });
    expect(log).toContain('# Entries added by HostAliases.\n123.45.67.89\tfoo\tbar\n');
  });

  story(
    'is the kubelet’s, but where the container mounts its own or the pod is in its node’s network',
    async (told) => {
      const HEAD = '# Kubernetes-managed hosts file.';
      const volumes = [{ name: 'host', hostPath: { path: '/etc/hosts', type: 'File' } }];
      const original = { name: 'host', mountPath: '/etc/hosts-original' };
      const containers = [
        script('sleep 900', { volumeMounts: [original] }),
        script('sleep 900', { name: 'own', volumeMounts: [original, { name: 'host', mountPath: '/etc/hosts' }] }),
      ];
      const { name } = (await runPod(told, undefined, { containers, volumes })).metadata;
      expect(await exec(told, name, 'cat /etc/hosts')).toContain(HEAD);
      expect(await exec(told, name, 'cat /etc/hosts-original')).not.toContain(HEAD);
      expect(await exec(told, name, 'cat /etc/hosts', 'own')).not.toContain(HEAD);
      const host = await runPod(told, containers[0], { volumes, hostNetwork: true });
      expect(await exec(told, host.metadata.name, 'cat /etc/hosts')).not.toContain(HEAD);
    },
  );
});
