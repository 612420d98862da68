import http2 from 'node:http2';
import { text } from 'node:stream/consumers';
import { readKubeconfigFile } from '@pilothouse/pki';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

let server: RunningApiserver;
let requests: Requests;

beforeAll(async () => {
  server = await startApiserver({
    flags: [
      '--runtime-config=api/beta=false,batch/v1=false,storage.k8s.io/v1/csinodes=false',
      '--goaway-chance=0.02',
      '--enable-admission-plugins=NamespaceAutoProvision,NamespaceExists,PodNodeSelector',
    ],
  });
  requests = requestsOf(server);
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

describe('--runtime-config', () => {
  it('takes groups, versions and resources out of discovery', async () => {
    const { body } = await requests.get('/apis');
    const groups = body.groups as { name: string; versions: { version: string }[] }[];
    expect(groups.map(({ name }) => name)).not.toContain('batch');
    expect(groups.flatMap(({ versions }) => versions).filter(({ version }) => version.includes('beta'))).toEqual([]);
    const storage = (await requests.get('/apis/storage.k8s.io/v1')).body.resources as { name: string }[];
    expect(storage.map(({ name }) => name)).not.toContain('csinodes');
    const { body: services } = await requests.get('/apis/apiregistration.k8s.io/v1/apiservices');
    const names = (services.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    expect(names).toContain('v1.apps');
    expect(names).not.toContain('v1.batch');
  });

  it('and out of routing: a group with nothing left is a path like any other', async () => {
    expect((await requests.get('/apis/batch/v1/jobs')).text).toBe('404 page not found\n');
    expect((await requests.get('/apis/storage.k8s.io/v1/csinodes')).body.reason).toBe('NotFound');
    expect((await requests.get('/apis/storage.k8s.io/v1/storageclasses')).code).toBe(200);
  });
});

describe('admission plugins that are off by default', () => {
  it('NamespaceAutoProvision makes the namespace', async () => {
    const { code } = await requests.post('/api/v1/namespaces/fresh/configmaps', { metadata: { name: 'a' } });
    expect(code).toBe(201);
    expect((await requests.get('/api/v1/namespaces/fresh')).body.status.phase).toBe('Active');
  });

  it('PodNodeSelector narrows pods to the nodes of their namespace', async () => {
    const annotations = { 'scheduler.alpha.kubernetes.io/node-selector': 'disk=ssd' };
    await requests.post('/api/v1/namespaces', { metadata: { name: 'narrow', annotations } });
    const pod = (nodeSelector: Record<string, string>) => ({
      metadata: { generateName: 'p-' },
      spec: { nodeSelector, automountServiceAccountToken: false, containers: [{ name: 'a', image: 'i' }] },
    });
    await requests.post('/api/v1/namespaces/narrow/serviceaccounts', { metadata: { name: 'default' } });
    const merged = await requests.post('/api/v1/namespaces/narrow/pods', pod({ zone: 'a' }));
    expect(merged.body.spec.nodeSelector).toEqual({ disk: 'ssd', zone: 'a' });
    const { code, body } = await requests.post('/api/v1/namespaces/narrow/pods', pod({ disk: 'hdd' }));
    expect(code).toBe(403);
    expect(body.message).toContain('pod node label selector conflicts with its namespace node label selector');
  });
});

it('--goaway-chance asks HTTP/2 clients to connect anew, once what is under way is done', async () => {
  const { server: url, caPem } = readKubeconfigFile(server.kubeconfig());
  const session = http2.connect(url, { ca: caPem });
  let isGoing = false;
  session.once('goaway', () => (isGoing = true));
  // One in fifty: two thousand without any are as good as impossible.
  for (let i = 0; i < 2_000 && !isGoing; i++) {
    const stream = session.request({ ':path': '/livez' });
    expect(await text(stream.end())).toBe('ok');
  }
  expect(isGoing).toBe(true);
  session.close();
});
