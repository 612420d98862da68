import { describe, expect } from 'vitest';
import { story, type Story } from '../story.ts';
import { agnhost, createPod, exec, logOf, outputOf, runPod, script, untilPhase, untilPod } from '../pods.ts';
import type { Json } from '../api.ts';

const SOURCES: Record<string, (object: string) => Json> = {
  'a config map': (name) => ({ configMap: { name } }),
  'a secret': (secretName) => ({ secret: { secretName } }),
  'a projected source': (name) => ({ projected: { sources: [{ configMap: { name } }] } }),
  'the downward API': () => ({ downwardAPI: { items: [{ path: 'file', fieldRef: { fieldPath: 'metadata.name' } }] } }),
};

/** https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath */
describe('sub-paths', () => {
  const objects = async (told: Story): Promise<void> => {
    await told.api.create(`${told.in()}/configmaps`, { metadata: { name: 'o' }, data: { file: 'content' } });
    await told.api.create(`${told.in()}/secrets`, { metadata: { name: 'o' }, stringData: { file: 'content' } });
  };

  for (const [what, volume] of Object.entries(SOURCES)) {
    story(`one file of ${what} is mounted`, async (told) => {
      await objects(told);
      const volumeMounts = [{ name: 'v', mountPath: '/mounted/as', subPath: 'file' }];
      const log = await outputOf(
        told,
        script('cat /mounted/as; stat -c %F /mounted/as', { volumeMounts }),
        { volumes: [{ name: 'v', ...volume('o') }] },
        { name: 'content' },
      );
      expect(log).toBe('contentregular file\n');
    });
  }

  story('one file of a config map takes the place of one that the image has', async (told) => {
    await objects(told);
    const volumeMounts = [{ name: 'v', mountPath: '/etc/resolv.conf', subPath: 'file' }];
    const log = await outputOf(told, script('cat /etc/resolv.conf', { volumeMounts }), {
      volumes: [{ name: 'v', configMap: { name: 'o' } }],
    });
    expect(log).toBe('content');
  });

  const expanded = (subPathExpr: string, value: Json): Json =>
    script('touch /sub/made; ls /whole; sleep 1000', {
      env: [{ name: 'WHERE', ...value }],
      volumeMounts: [
        { name: 'v', mountPath: '/sub', subPathExpr },
        { name: 'v', mountPath: '/whole' },
      ],
    });
  const volumes = [{ name: 'v', emptyDir: {} }];

  story('a sub-path names variables, and what is written there is in the volume', async (told) => {
    const container = expanded('$(WHERE)', { valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } });
    const pod = await runPod(told, container, { volumes });
    expect(await logOf(told, pod.metadata.name)).toBe(`${pod.metadata.name}\n`);
    expect(await exec(told, pod.metadata.name, `ls /whole/${pod.metadata.name}`)).toBe('made');
    await exec(told, pod.metadata.name, 'echo more > /sub/later');
    expect(await exec(told, pod.metadata.name, `cat /whole/${pod.metadata.name}/later`)).toBe('more');
    await told.api.delete(`${told.in()}/pods/${pod.metadata.name}`);
  });

  for (const [what, value, message] of [
    ['leads out of the volume', '..', "unable to provision SubPath `..`: must not contain '..'"],
    ['is absolute', '/tmp', 'error SubPath `/tmp` must not be an absolute path'],
  ] as const) {
    story(`a sub-path that ${what} keeps the container from starting`, async (told) => {
      const pod = await createPod(told, expanded('$(WHERE)', { value }), { volumes });
      await untilPod(told, pod.metadata.name, ({ status }) =>
        expect(status.containerStatuses?.[0].state.waiting).toEqual({ reason: 'CreateContainerConfigError', message }),
      );
    });
  }

  story('a sub-path that comes from an annotation leads somewhere once that is there', async (told) => {
    const fieldRef = { fieldPath: "metadata.annotations['mysubpath']" };
    const container = expanded('$(WHERE)/$(NAME)', { valueFrom: { fieldRef } });
    container.env.push({ name: 'NAME', value: 'n' });
    const pod = await createPod(told, container, { volumes });
    const { name } = pod.metadata;
    await untilPod(told, name, ({ status }) =>
      expect(status.containerStatuses?.[0].state.waiting?.reason).toBe('CreateContainerConfigError'),
    );
    await told.api.patch(`${told.in()}/pods/${name}`, 'merge', { metadata: { annotations: { mysubpath: 'foo' } } });
    await untilPhase(told, name, 'Running');
    expect(await exec(told, name, 'ls /whole/foo/n')).toBe('made');
  });
});

story('a pod with an inline CSI volume is stored and changed', async (told) => {
  const driver = told.unique('inline.csi.example');
  const volume = { name: 'v', csi: { driver, volumeAttributes: { foo: 'bar' } } };
  const pod = await createPod(told, agnhost(['pause']), { volumes: [volume], nodeSelector: { nowhere: driver } });
  const path = `${told.in()}/pods/${pod.metadata.name}`;
  expect((await told.api.get(path)).spec.volumes).toContainEqual(volume);
  const patched = await told.api.patch(path, 'strategic', { metadata: { labels: { patched: 'yes' } } });
  expect(patched.metadata.labels.patched).toBe('yes');
  expect((await told.api.get(`${told.in()}/pods?labelSelector=patched%3Dyes`)).items).toHaveLength(1);
  await told.api.delete(path);
});
