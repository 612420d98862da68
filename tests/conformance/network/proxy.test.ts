import { expect } from 'vitest';
import { pod } from '../apps/workloads.ts';
import type { Json } from '../api.ts';
import { eventually, story, type Story } from '../story.ts';

/** A pod that says at each port what it is told to, behind a service with a name for each. */
async function porter({ api, in: within }: Story, ports: Record<string, string>, args: string[] = []): Promise<void> {
  const env = Object.entries(ports).map(([port, value]) => ({ name: `SERVE_PORT_${port}`, value }));
  const [first] = Object.keys(ports);
  await api.create(
    `${within()}/pods`,
    pod('porter', '', {
      containers: [
        {
          ...{ name: 'porter', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53' },
          ...{ command: ['/agnhost', 'porter', ...args], env },
          ports: Object.keys(ports).map((port) => ({ containerPort: Number(port), name: `dest${port}` })),
          readinessProbe: { httpGet: { port: Number(first), path: '/' }, periodSeconds: 1 },
        },
      ],
    }),
  );
  await api.create(`${within()}/services`, {
    metadata: { name: 'porter' },
    spec: {
      selector: { name: 'porter' },
      ports: Object.keys(ports).map((port, index) => ({
        ...{ name: `port-${port}`, port: 81 + index, targetPort: index === 0 ? `dest${port}` : Number(port) },
      })),
    },
  });
  await eventually(async () => {
    const { items } = await api.get(`${within('discovery.k8s.io/v1')}/endpointslices`);
    expect(items[0]?.endpoints?.[0]?.conditions.ready).toBe(true);
  });
}

const PAGE = '<a href="/rewriteme">test</a>';

story('the proxies of pods and services lead to what listens there', async (told) => {
  await porter(told, { '80': PAGE, '160': 'foo', '162': 'bar' });
  const { api, in: within } = told;
  const page = (base: string) => `<a href="${base}rewriteme">test</a>`;
  for (const name of [
    'pods/porter',
    'pods/porter:80',
    'pods/http:porter:80',
    'services/porter:port-80',
    'services/porter:81',
  ]) {
    const base = `${within()}/${name}/proxy/`;
    expect((await api.send('GET', base)).text, name).toBe(page(base));
  }
  for (const [name, said] of [
    ['pods/porter:160', 'foo'],
    ['pods/http:porter:162', 'bar'],
    ['services/porter:port-160', 'foo'],
    ['services/http:porter:port-162', 'bar'],
    ['services/http:porter:83', 'bar'],
  ]) {
    expect((await api.send('GET', `${within()}/${name}/proxy/`)).text, name).toBe(said);
  }
});

story('every method reaches a pod and a service through their proxies', async (told) => {
  await porter(told, { '80': 'foo' }, ['--json-response']);
  const { api, in: within } = told;
  for (const name of ['pods/porter', 'services/porter:port-80']) {
    for (const method of ['DELETE', 'GET', 'OPTIONS', 'PATCH', 'POST', 'PUT']) {
      for (const path of ['', '/some/path/with/PUT']) {
        const answer = await api.send(method, `${within()}/${name}/proxy${path || '/'}`);
        expect([answer.code, answer.body], `${method} ${name}${path}`).toEqual([200, { Method: method, Body: 'foo' }]);
      }
    }
    expect((await api.send('HEAD', `${within()}/${name}/proxy/some/path`)).code).toBe(200);
  }
});

story('the proxy without a slash sends readers to the one with it, and passes everything else on', async (told) => {
  await porter(told, { '80': 'foo' }, ['--json-response']);
  const { api, in: within } = told;
  for (const name of ['pods/porter', 'services/porter:81']) {
    const path = `${within()}/${name}/proxy`;
    for (const method of ['GET', 'HEAD']) {
      const { code, headers } = await api.send(method, `${path}?method=${method}`);
      expect([code, headers['location']]).toEqual([301, `${path}/?method=${method}`]);
    }
    expect((await api.send('POST', path)).body.Method).toBe('POST');
  }
});

story('bodies, queries and redirects pass through the proxy', async ({ api, in: within }) => {
  const containers = [{ name: 'main', image: 'agnhost', args: ['netexec', '--http-port=8080'] }];
  await api.create(`${within()}/pods`, pod('netexec', '', { containers }));
  await eventually(async () => expect((await api.get(`${within()}/pods/netexec`)).status.phase).toBe('Running'));
  const proxy = `${within()}/pods/netexec:8080/proxy`;
  expect((await api.send('GET', `${proxy}/echo?msg=a?b%2Fc&x=1`)).text).toBe('a?b/c');
  const long = 'a long line '.repeat(20_000);
  expect((await api.send('POST', `${proxy}/echo`, long)).text).toBe(long);
  const redirect = await api.send('GET', `${proxy}/redirect?location=/hostname&code=307`);
  expect([redirect.code, redirect.headers['location']]).toEqual([307, `${proxy}/hostname`]);
  expect((await api.send('GET', `${proxy}/echo?code=418&msg=teapot`)).code).toBe(418);
  expect((await api.send('GET', `${proxy}/header?key=X-Forwarded-Uri`)).text).toBe(`${proxy}/header`);
  expect((await api.send('GET', `${proxy}/header?key=Authorization`)).text).toBe('');
});

story('a proxy that leads nowhere says why', async (told) => {
  await porter(told, { '80': 'foo' });
  const { api, in: within } = told;
  await api.create(`${within()}/services`, { metadata: { name: 'empty' }, spec: { ports: [{ port: 80 }] } });
  const refused = async (name: string): Promise<Json> => {
    const { code, body } = await api.send('GET', `${within()}/${name}/proxy/`);
    return [code, body.reason, body.message];
  };
  const ip = (await api.get(`${within()}/pods/porter`)).status.podIP as string;
  const unavailable = (why: string) => [503, 'ServiceUnavailable', why];
  expect(await refused('services/empty')).toEqual(unavailable('no endpoints available for service "empty"'));
  expect(await refused('services/porter:1')).toEqual(unavailable('no service port 1 found for service "porter"'));
  expect(await refused('pods/porter:99')).toEqual(
    unavailable(`error trying to reach service: dial tcp ${ip}:99: connect: connection refused`),
  );
  expect(await refused('pods/gone')).toEqual([404, 'NotFound', 'pods "gone" not found']);
  expect(await refused('pods/ftp:porter:80')).toEqual([400, 'BadRequest', 'invalid pod request "ftp:porter:80"']);
  expect(await refused('services/a:b:c:d')).toEqual([400, 'BadRequest', 'invalid service request "a:b:c:d"']);
});
