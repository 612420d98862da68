import { describe, expect } from 'vitest';
import { eventually, story, type Story } from '../story.ts';
import { agnhost, logOf, outputOf, runPod, script } from '../pods.ts';
import type { Json } from '../api.ts';

/** A way in which a pod mounts a ConfigMap or a Secret. */
interface Source {
  readonly title: string;
  readonly resource: 'configmaps' | 'secrets';
  volume(name: string, fields: Json): Json;
}

const SOURCES: readonly Source[] = [
  {
    title: 'a config map',
    resource: 'configmaps',
    volume: (name, fields) => ({ configMap: { name, ...fields } }),
  },
  {
    title: 'a secret',
    resource: 'secrets',
    volume: (secretName, fields) => ({ secret: { secretName, ...fields } }),
  },
  {
    title: 'a projected config map',
    resource: 'configmaps',
    volume: (name, { defaultMode, ...fields }) => ({
      projected: { sources: [{ configMap: { name, ...fields } }], defaultMode },
    }),
  },
  {
    title: 'a projected secret',
    resource: 'secrets',
    volume: (name, { defaultMode, ...fields }) => ({
      projected: { sources: [{ secret: { name, ...fields } }], defaultMode },
    }),
  },
];

const MAPPED = { items: [{ key: 'data-2', path: 'path/to/data-2' }] };
const MAPPED_WITH_MODE = { items: [{ key: 'data-2', path: 'path/to/data-2', mode: 0o400 }] };
const NON_ROOT = { securityContext: { runAsUser: 1000 } };
const WITH_GROUP = { securityContext: { runAsUser: 1000, fsGroup: 1001 } };

/** https://kubernetes.io/docs/concepts/storage/volumes/#configmap and #secret, #projected */
describe.each(SOURCES)('$title', ({ title, resource, volume }) => {
  const make = async (told: Story, data: Json = DATA): Promise<string> => {
    const name = told.unique('object');
    await told.api.create(`${told.in()}/${resource}`, { metadata: { name }, ...filled(resource, data) });
    return name;
  };

  for (const [how, fields, spec, path, mode] of [
    ['is a file of mode 0644', {}, {}, 'data-2', '-rw-r--r--'],
    ['is a file of the mode that the volume asks for', { defaultMode: 0o400 }, {}, 'data-2', '-r--------'],
    ['is a file at the path that an item names', MAPPED, {}, 'path/to/data-2', '-rw-r--r--'],
    ['is a file of the mode that an item asks for', MAPPED_WITH_MODE, {}, 'path/to/data-2', '-r--------'],
    ['is read by a user who is not root', {}, NON_ROOT, 'data-2', '-rw-r--r--'],
    ['is read at its path by a user who is not root', MAPPED, NON_ROOT, 'path/to/data-2', '-rw-r--r--'],
    ['is read by its group', { defaultMode: 0o440 }, WITH_GROUP, 'data-2', '-r--r-----'],
  ] as const) {
    story(`${title} in a volume ${how}`, async (told) => {
      const name = await make(told);
      const file = `/etc/volume/${path}`;
      const flags = ['file_content', 'file_mode', 'file_owner'].map((flag) => `--${flag}=${file}`);
      const log = await outputOf(
        told,
        agnhost(['mounttest', ...flags], { volumeMounts: [{ name: 'v', mountPath: '/etc/volume', readOnly: true }] }),
        { volumes: [{ name: 'v', ...volume(name, fields) }], ...spec },
      );
      const group = 'securityContext' in spec && 'fsGroup' in spec.securityContext ? spec.securityContext.fsGroup : 0;
      expect(log.split('\n')).toEqual(
        expect.arrayContaining([
          `content of file "${file}": value-2`,
          `mode of file "${file}": ${mode}`,
          `owner GID of "${file}": ${group}`,
        ]),
      );
    });
  }

  story(`${title} is in several volumes of one pod`, async (told) => {
    const name = await make(told);
    const log = await outputOf(
      told,
      script('cat /one/data-1 /two/data-1', {
        volumeMounts: [
          { name: 'one', mountPath: '/one' },
          { name: 'two', mountPath: '/two' },
        ],
      }),
      {
        volumes: [
          { name: 'one', ...volume(name, {}) },
          { name: 'two', ...volume(name, {}) },
        ],
      },
    );
    expect(log).toBe('value-1value-1');
  });

  story(`${title} in a volume is that of the pod’s own namespace`, async (told) => {
    const other = told.unique('other');
    await told.api.create('/api/v1/namespaces', { metadata: { name: other } });
    told.after(() => told.api.send('DELETE', `/api/v1/namespaces/${other}`));
    const name = await make(told);
    await told.api.create(`/api/v1/namespaces/${other}/${resource}`, {
      metadata: { name },
      ...filled(resource, { 'data-1': 'not this' }),
    });
    const container = script('cat /v/data-1', { volumeMounts: [{ name: 'v', mountPath: '/v' }] });
    const log = await outputOf(told, container, { volumes: [{ name: 'v', ...volume(name, {}) }] });
    expect(log).toBe('value-1');
  });

  story(
    `${title} in a volume follows creation, change and deletion`,
    async (told) => {
      const [updated, deleted] = [await make(told), await make(told)];
      const created = told.unique('object');
      const volumeNames = ['created', 'updated', 'deleted'];
      const object: Json = { created, updated, deleted };
      const containers = volumeNames.map((volumeName) =>
        agnhost(
          [
            'mounttest',
            `--file_content_in_loop=/v/${volumeName === 'updated' ? 'data-3' : 'data-1'}`,
            '--retry_time=600',
          ],
          { name: volumeName, volumeMounts: [{ name: volumeName, mountPath: '/v' }] },
        ),
      );
      const pod = await runPod(told, undefined, {
        containers,
        volumes: volumeNames.map((each) => ({ name: each, ...volume(object[each], { optional: true }) })),
      });
      const says = (container: string, text: string): Promise<void> =>
        eventually(async () => {
          expect(await logOf(told, pod.metadata.name, `?container=${container}&tailLines=1`)).toContain(text);
        }, 200_000);
      await Promise.all([
        says('created', 'error reading file content for "/v/data-1"'),
        says('updated', 'error reading file content for "/v/data-3"'),
        says('deleted', 'content of file "/v/data-1": value-1'),
      ]);
      await told.api.delete(`${told.in()}/${resource}/${deleted}`);
      await told.api.update(`${told.in()}/${resource}/${updated}`, (live) =>
        Object.assign(live, filled(resource, { 'data-3': 'value-3' })),
      );
      await told.api.create(`${told.in()}/${resource}`, { metadata: { name: created }, ...filled(resource, DATA) });
      await Promise.all([
        says('created', 'content of file "/v/data-1": value-1'),
        says('updated', 'content of file "/v/data-3": value-3'),
        says('deleted', 'error reading file content for "/v/data-1"'),
      ]);
    },
    300_000,
  );
});

const DATA = { 'data-1': 'value-1', 'data-2': 'value-2' };

function filled(resource: string, data: Record<string, string>): Json {
  return { data: resource === 'configmaps' ? data : mapped(data, (text) => Buffer.from(text).toString('base64')) };
}

function mapped(data: Record<string, string>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, change(text)]));
}

story('a config map in a volume holds text and binary data', async (told) => {
  await told.api.create(`${told.in()}/configmaps`, {
    metadata: { name: 'binary' },
    data: { 'data-1': 'value-1' },
    binaryData: { 'dump.bin': Buffer.from([0xde, 0xca, 0xfe, 0xba, 0xd0, 0xfe, 0xff]).toString('base64') },
  });
  const pod = await runPod(told, script('sleep 1000', { volumeMounts: [{ name: 'v', mountPath: '/v' }] }), {
    volumes: [{ name: 'v', configMap: { name: 'binary' } }],
  });
  const printed = await told.kubectl(`exec ${pod.metadata.name} -- sh -c 'cat /v/data-1; hexdump -C /v/dump.bin'`);
  expect(printed).toMatch(/^value-1/);
  expect(printed).toContain('de ca fe ba d0 fe ff');
});

story('many config maps are mounted by many pods at once', async (told) => {
  const names = Array.from({ length: 30 }, (_, index) => `racey-${index}`);
  await Promise.all(
    names.map((name) => told.api.create(`${told.in()}/configmaps`, { metadata: { name }, data: { 'data-1': name } })),
  );
  const container = script('cat /v/racey-0/data-1; sleep 1000', {
    volumeMounts: names.map((name) => ({ name, mountPath: `/v/${name}` })),
  });
  const volumes = names.map((name) => ({ name, configMap: { name } }));
  const pods = await Promise.all([1, 2, 3, 4, 5].map(() => runPod(told, container, { volumes })));
  expect(pods.map(({ status }) => status.containerStatuses[0].restartCount)).toEqual([0, 0, 0, 0, 0]);
});

story('a secret and a config map are mounted beside each other', async (told) => {
  await told.api.create(`${told.in()}/secrets`, { metadata: { name: 's' }, stringData: { a: 'secret' } });
  await told.api.create(`${told.in()}/configmaps`, { metadata: { name: 'c' }, data: { b: 'config' } });
  const volumeMounts = [
    { name: 's', mountPath: '/etc/secret-volume', readOnly: true },
    { name: 'c', mountPath: '/etc/configmap-volume' },
  ];
  const container = script('cat /etc/secret-volume/a /etc/configmap-volume/b', { volumeMounts });
  const volumes = [
    { name: 's', secret: { secretName: 's' } },
    { name: 'c', configMap: { name: 'c' } },
  ];
  expect(await outputOf(told, container, { volumes })).toBe('secretconfig');
});
