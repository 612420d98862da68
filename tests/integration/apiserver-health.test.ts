import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

let server: RunningApiserver;
let requests: Requests;

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

const namesOf = (text: string) => [...text.matchAll(/^\[\+\](\S+) ok$/gm)].map(([, name]) => name!);

it('readiness is made of checks with upstream’s names, each with a path of its own', async () => {
  const { code, text } = await requests.get('/readyz?verbose');
  expect(code, text).toBe(200);
  const names = namesOf(text);
  expect(names.slice(0, 5)).toEqual(['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync']);
  expect(names.slice(-2)).toEqual(['autoregister-completion', 'shutdown']);
  for (const hook of [
    'generic-apiserver-start-informers',
    'priority-and-fairness-config-consumer',
    'priority-and-fairness-filter',
    'crd-informer-synced',
    'rbac/bootstrap-roles',
    'scheduling/bootstrap-system-priority-classes',
    'priority-and-fairness-config-producer',
    'bootstrap-controller',
    'apiservice-registration-controller',
  ]) {
    expect(names).toContain(`poststarthook/${hook}`);
  }
  for (const name of names) expect(await requests.get(`/readyz/${name}`)).toMatchObject({ code: 200, text: 'ok' });
  expect(text.endsWith('readyz check passed\n')).toBe(true);
});

it('liveness leaves out what only says whether to come', async () => {
  const names = namesOf((await requests.get('/livez?verbose')).text);
  expect(names).toContain('poststarthook/rbac/bootstrap-roles');
  for (const name of ['etcd-readiness', 'informer-sync', 'shutdown']) expect(names).not.toContain(name);
  expect((await requests.get('/livez/shutdown')).code).toBe(404);
  expect((await requests.get('/livez?verbose&exclude=etcd')).text).toContain('[+]etcd excluded: ok\n');
});

it('tells what checks found as indicators of the service level, and what it was built from', async () => {
  await requests.get('/readyz');
  const { text } = await requests.get('/metrics/slis');
  expect(text).toContain('kubernetes_healthcheck{name="etcd-readiness",type="readyz"} 1');
  expect((await requests.get('/metrics')).text).toMatch(/^kubernetes_build_info\{.*major="1",minor="36".*\} 1$/m);
});
