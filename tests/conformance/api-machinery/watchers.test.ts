import { expect } from 'vitest';
import { story } from '../story.ts';

const configMap = (name: string, label: string, data?: object): object => ({
  metadata: { name, labels: { watch: label } },
  data,
});

story(
  'a watch tells of additions, changes and deletions to those whose selector they meet',
  async ({ api, in: within, after }) => {
    const path = `${within()}/configmaps`;
    const a = api.watch(`${path}?labelSelector=watch%3Da`);
    const b = api.watch(`${path}?labelSelector=watch%3Db`);
    const both = api.watch(`${path}?labelSelector=watch%20in%20(a,b)`);
    after(() => [a, b, both].forEach((watch) => watch.close()));
    await api.create(path, configMap('a', 'a'));
    for (const watch of [a, both]) await watch.type('ADDED', ({ metadata }) => metadata.name === 'a');
    await api.update(`${path}/a`, (object) => (object.data = { mutation: '1' }));
    for (const watch of [a, both]) await watch.type('MODIFIED', ({ data }) => data.mutation === '1');
    await api.update(`${path}/a`, (object) => (object.data = { mutation: '2' }));
    for (const watch of [a, both]) await watch.type('MODIFIED', ({ data }) => data.mutation === '2');
    await api.delete(`${path}/a`);
    for (const watch of [a, both]) await watch.type('DELETED', ({ metadata }) => metadata.name === 'a');
    await api.create(path, configMap('b', 'b'));
    for (const watch of [b, both]) await watch.type('ADDED', ({ metadata }) => metadata.name === 'b');
    expect(a.events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED']);
    expect(b.events.map(({ type }) => type)).toEqual(['ADDED']);
  },
);

story('a watch starts from a given resource version', async ({ api, in: within, after }) => {
  const path = `${within()}/configmaps`;
  await api.create(path, configMap('c', 'v'));
  const first = await api.update(`${path}/c`, (object) => (object.data = { mutation: '1' }));
  await api.update(`${path}/c`, (object) => (object.data = { mutation: '2' }));
  await api.delete(`${path}/c`);
  const watch = api.watch(`${path}?labelSelector=watch%3Dv&resourceVersion=${first.metadata.resourceVersion}`);
  after(() => watch.close());
  expect((await watch.next()).object.data.mutation).toBe('2');
  const last = await watch.next();
  expect(last.type).toBe('DELETED');
  expect(last.object.data.mutation).toBe('2');
});

story('a watch continues where another one stopped', async ({ api, in: within, after }) => {
  const path = `${within()}/configmaps`;
  const first = api.watch(`${path}?labelSelector=watch%3Dr`);
  await api.create(path, configMap('c', 'r'));
  await first.type('ADDED');
  await api.update(`${path}/c`, (object) => (object.data = { mutation: '1' }));
  const { metadata } = await first.type('MODIFIED');
  first.close();
  await api.update(`${path}/c`, (object) => (object.data = { mutation: '2' }));
  await api.delete(`${path}/c`);
  const second = api.watch(`${path}?labelSelector=watch%3Dr&resourceVersion=${metadata.resourceVersion}`);
  after(() => second.close());
  expect((await second.type('MODIFIED')).data.mutation).toBe('2');
  await second.type('DELETED');
});

story(
  'an object that stops meeting the selector is deleted for the watch, and added when it meets it again',
  async ({ api, in: within, after }) => {
    const path = `${within()}/configmaps`;
    const watch = api.watch(`${path}?labelSelector=watch%3Din`);
    after(() => watch.close());
    await api.create(path, configMap('c', 'in'));
    await watch.type('ADDED');
    await api.update(`${path}/c`, (object) => (object.data = { mutation: '1' }));
    await watch.type('MODIFIED');
    const left = await api.update(`${path}/c`, (object) => (object.metadata.labels.watch = 'out'));
    const gone = await watch.next();
    expect(gone.type).toBe('DELETED');
    expect(gone.object.metadata.labels.watch).toBe('in');
    expect(gone.object.metadata.resourceVersion).toBe(left.metadata.resourceVersion);
    await api.update(`${path}/c`, (object) => (object.data = { mutation: '2' }));
    await api.update(`${path}/c`, (object) => (object.metadata.labels.watch = 'in'));
    const back = await watch.next();
    expect([back.type, back.object.data.mutation]).toEqual(['ADDED', '2']);
    await api.update(`${path}/c`, (object) => (object.data = { mutation: '3' }));
    expect((await watch.type('MODIFIED')).data.mutation).toBe('3');
    await api.delete(`${path}/c`);
    await watch.type('DELETED');
  },
);

story('concurrent watches see the same events in the same order', async ({ api, in: within, after }) => {
  const path = `${within()}/configmaps`;
  const writing = (async () => {
    for (let i = 0; i < 30; i++) {
      await api.create(path, configMap(`c-${i}`, 'o'));
      await api.update(`${path}/c-${i}`, (object) => (object.data = { i: String(i) }));
      if (i % 3 === 0) await api.delete(`${path}/c-${i}`);
    }
  })();
  const first = api.watch(`${path}?resourceVersion=0`);
  after(() => first.close());
  const versions: string[] = [];
  for (let i = 0; i < 40; i++)
    versions.push(
      (await first.next(({ object }) => object.metadata.name.startsWith('c-'))).object.metadata.resourceVersion,
    );
  await writing;
  await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      const watch = api.watch(`${path}?resourceVersion=${versions[i]}`);
      after(() => watch.close());
      for (const version of versions.slice(i + 1))
        expect((await watch.next()).object.metadata.resourceVersion).toBe(version);
    }),
  );
});
