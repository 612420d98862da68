import { describe, expect } from 'vitest';
import { eventually, story } from '../story.ts';
import { agnhost, logOf, outputOf, runPod, script, untilPod } from '../pods.ts';
import type { Json } from '../api.ts';

const WAYS: Record<string, (items: Json, defaultMode?: number) => Json> = {
  'a downward volume': (items, defaultMode) => ({ downwardAPI: { items, defaultMode } }),
  'a projected downward source': (items, defaultMode) => ({
    projected: { sources: [{ downwardAPI: { items } }], defaultMode },
  }),
};
const volumeMounts = [{ name: 'v', mountPath: '/etc/podinfo' }];
const NAME = { path: 'podname', fieldRef: { fieldPath: 'metadata.name' } };

/** https://kubernetes.io/docs/concepts/workloads/pods/downward-api/ */
describe.each(Object.entries(WAYS))('%s', (way, volume) => {
  const resource = (path: string, name: string): Json => ({
    path,
    resourceFieldRef: { containerName: 'c', resource: name },
  });

  story(`${way} tells the name of the pod`, async (told) => {
    const container = agnhost(['mounttest', '--file_content=/etc/podinfo/podname'], { volumeMounts });
    const log = await outputOf(told, container, { volumes: [{ name: 'v', ...volume([NAME]) }] }, { name: 'p' });
    expect(log).toBe('content of file "/etc/podinfo/podname": p\n');
  });

  for (const [how, items, defaultMode] of [
    ['of the mode that the volume asks for', [NAME], 0o400],
    ['of the mode that an item asks for', [{ ...NAME, mode: 0o400 }], undefined],
  ] as const) {
    story(`${way} makes files ${how}`, async (told) => {
      const container = agnhost(['mounttest', '--file_mode=/etc/podinfo/podname'], { volumeMounts });
      const log = await outputOf(told, container, { volumes: [{ name: 'v', ...volume(items, defaultMode) }] });
      expect(log).toBe('mode of file "/etc/podinfo/podname": -r--------\n');
    });
  }

  story(`${way} tells limits and requests`, async (told) => {
    const items = ['limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'].map((name) =>
      resource(name, name),
    );
    const container = script(
      'for n in limits.cpu limits.memory requests.cpu requests.memory; do cat /etc/podinfo/$n; echo; done',
      {
        volumeMounts,
        resources: { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } },
      },
    );
    const log = await outputOf(told, container, { volumes: [{ name: 'v', ...volume(items) }] });
    expect(log.trim().split('\n')).toEqual(['2', '67108864', '1', '33554432']);
  });

  story(`${way} takes what the node has for limits that are not set`, async (told) => {
    const items = [resource('cpu', 'limits.cpu'), resource('memory', 'limits.memory')];
    const pod = await runPod(
      told,
      script('cat /etc/podinfo/cpu; echo; cat /etc/podinfo/memory; echo; sleep 1000', { volumeMounts }),
      {
        volumes: [{ name: 'v', ...volume(items) }],
      },
    );
    const { status } = await told.api.get(`/api/v1/nodes/${pod.spec.nodeName}`);
    const [cpu, memory] = (await logOf(told, pod.metadata.name)).trim().split('\n');
    expect(cpu).toBe(status.allocatable.cpu);
    expect(Number(memory)).toBe(bytesOf(status.allocatable.memory));
  });

  story(
    `${way} follows labels and annotations`,
    async (told) => {
      const items = ['labels', 'annotations'].map((path) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } }));
      const pod = await runPod(
        told,
        script('while true; do cat /etc/podinfo/labels /etc/podinfo/annotations; echo; sleep 1; done', {
          volumeMounts,
        }),
        { volumes: [{ name: 'v', ...volume(items) }] },
        { labels: { key1: 'value1' }, annotations: { builder: 'bar' } },
      );
      const { name } = pod.metadata;
      const says = (text: string): Promise<void> =>
        eventually(async () => expect(await logOf(told, name, '?tailLines=4')).toContain(text), 200_000);
      await says('key1="value1"');
      await says('builder="bar"');
      await told.api.patch(`${told.in()}/pods/${name}`, 'merge', {
        metadata: { labels: { key3: 'value3' }, annotations: { builder: 'foo' } },
      });
      await says('key3="value3"');
      await says('builder="foo"');
      await untilPod(told, name, ({ status }) => expect(status.containerStatuses[0].restartCount).toBe(0));
    },
    300_000,
  );
});

/** Of a quantity with a binary suffix, as nodes tell their memory. */
function bytesOf(quantity: string): number {
  const [, amount, unit = ''] = /^(\d+)([KMGT]i)?$/.exec(quantity)!;
  return Number(amount) * 1024 ** ['', 'Ki', 'Mi', 'Gi', 'Ti'].indexOf(unit);
}

story('a projected volume puts secrets, config maps and the pod’s own fields together', async (told) => {
  await told.api.create(`${told.in()}/secrets`, { metadata: { name: 's' }, stringData: { 'secret-data': 'secret' } });
  await told.api.create(`${told.in()}/configmaps`, { metadata: { name: 'c' }, data: { 'config-data': 'config' } });
  const sources = [{ secret: { name: 's' } }, { configMap: { name: 'c' } }, { downwardAPI: { items: [NAME] } }];
  const container = script('cat /all/podname /all/secret-data /all/config-data', {
    volumeMounts: [{ name: 'v', mountPath: '/all', readOnly: true }],
  });
  const log = await outputOf(told, container, { volumes: [{ name: 'v', projected: { sources } }] }, { name: 'p' });
  expect(log).toBe('psecretconfig');
});
