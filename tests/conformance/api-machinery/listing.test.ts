import { expect } from 'vitest';
import { refusal, story } from '../story.ts';
import type { Json } from '../api.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

story('a list comes in chunks of one snapshot', async ({ api, in: within }) => {
  const path = `${within()}/podtemplates`;
  const total = 100;
  const name = (i: number): string => `template-${String(i).padStart(4, '0')}`;
  await Promise.all(
    Array.from({ length: total }, (_, i) =>
      api.create(path, {
        metadata: { name: name(i) },
        template: { spec: { containers: [{ name: 'test', image: 'test2' }] } },
      }),
    ),
  );
  let token = '';
  let version: string | undefined;
  const names: string[] = [];
  do {
    const list: Json = await api.get(`${path}?limit=17&continue=${encodeURIComponent(token)}`);
    expect(list.items.length).toBeLessThanOrEqual(17);
    version ??= list.metadata.resourceVersion;
    expect(list.metadata.resourceVersion).toBe(version);
    names.push(...list.items.map((item: Json) => item.metadata.name));
    token = list.metadata.continue ?? '';
    expect(list.metadata.remainingItemCount).toBe(token === '' ? undefined : total - names.length);
  } while (token !== '');
  expect(names).toEqual(Array.from({ length: total }, (_, i) => name(i)));
  expect((await api.get(`${path}?limit=${total + 1}`)).items).toHaveLength(total);
});

story('an unknown continue token is refused', async ({ api, in: within }) => {
  expect((await refusal(api.get(`${within()}/podtemplates?limit=1&continue=nonsense`))).body).toMatchObject({
    code: 400,
    reason: 'BadRequest',
  });
});

story('pods and nodes come as tables, in chunks too', async ({ api, in: within }) => {
  const path = `${within()}/podtemplates`;
  for (let i = 0; i < 20; i++)
    await api.create(path, {
      metadata: { name: `t-${i}` },
      template: { spec: { containers: [{ name: 'test', image: 'test2' }] } },
    });
  const chunk = (await api.send('GET', `${path}?limit=10`, undefined, { accept: TABLE })).body;
  expect(chunk).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
  expect(chunk.rows).toHaveLength(10);
  const rest = (
    await api.send('GET', `${path}?limit=100&continue=${encodeURIComponent(chunk.metadata.continue)}`, undefined, {
      accept: TABLE,
    })
  ).body;
  expect(rest.rows).toHaveLength(10);
  const nodes = (await api.send('GET', '/api/v1/nodes', undefined, { accept: TABLE })).body;
  expect(nodes.columnDefinitions.length).toBeGreaterThanOrEqual(2);
  expect(nodes.rows[0].cells[0]).toBe(nodes.rows[0].object.metadata.name);
  expect(nodes.rows[0].object.kind).toBe('PartialObjectMetadata');
});

story('what has no metadata does not come as a table', async ({ api }) => {
  const review = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } };
  const answer = await api.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, {
    accept: TABLE,
  });
  expect(answer.code).toBe(406);
});
