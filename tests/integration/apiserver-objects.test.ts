import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

const configMap = (name: string, data: Record<string, string> = {}) => ({ metadata: { name }, data });

const deployment = (name: string) => ({
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
});

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

describe('create', () => {
  it('answers 201 with what only the server may say filled in', async () => {
    const { code, body } = await requests.post(CONFIG_MAPS, configMap('created', { a: 'b' }));
    expect(code).toBe(201);
    expect(Object.keys(body)).toEqual(['kind', 'apiVersion', 'metadata', 'data']);
    expect(body.metadata).toMatchObject({
      name: 'created',
      namespace: 'default',
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('is 409 AlreadyExists the second time', async () => {
    await requests.post(CONFIG_MAPS, configMap('twice'));
    const { code, body } = await requests.post(CONFIG_MAPS, configMap('twice'));
    expect(code).toBe(409);
    expect(body).toMatchObject({ reason: 'AlreadyExists', message: 'configmaps "twice" already exists' });
  });

  it('makes a name from generateName, of five characters that look like no others', async () => {
    const { body } = await requests.post(CONFIG_MAPS, { metadata: { generateName: 'gen-' } });
    expect(body.metadata.name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('with dryRun=All answers as usual and stores nothing', async () => {
    const { code, body } = await requests.post(`${CONFIG_MAPS}?dryRun=All`, configMap('dry'));
    expect(code).toBe(201);
    expect(body.metadata.uid).toBeTruthy();
    expect((await requests.get(`${CONFIG_MAPS}/dry`)).code).toBe(404);
  });

  it.each(['0', 'abc'])('takes the version %s for none', async (resourceVersion) => {
    const name = `version-${resourceVersion}`;
    const { code } = await requests.post(CONFIG_MAPS, { metadata: { name, resourceVersion } });
    expect(code).toBe(201);
  });

  it('says of a name that is taken that its owner is on its way out', async () => {
    const object = { metadata: { name: 'leaving', finalizers: ['example.com/wait'] } };
    await requests.post(CONFIG_MAPS, object);
    await requests.delete(`${CONFIG_MAPS}/leaving`);
    const { body } = await requests.post(CONFIG_MAPS, object);
    expect(body).toMatchObject({
      ...{ code: 409, reason: 'AlreadyExists', details: { name: 'leaving', kind: 'configmaps' } },
      message: 'object is being deleted: configmaps "leaving" already exists',
    });
    await requests.patch(`${CONFIG_MAPS}/leaving`, 'merge', { metadata: { finalizers: null } });
  });

  it('names each owner once, and says so before and after admission', async () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' };
    const [name, ownerReferences] = ['owned', [owner, owner, owner]];
    const { headers, body } = await requests.post(`${CONFIG_MAPS}?dryRun=All`, { metadata: { name, ownerReferences } });
    expect(body.metadata.ownerReferences).toEqual([owner]);
    expect([headers['warning']].flat()).toEqual([
      expect.stringContaining('contains duplicate entries; API server dedups') as string,
    ]);
    expect(String(headers['warning'])).toContain('observed: u, u"');
    await requests.post(CONFIG_MAPS, { metadata: { name } });
    const patched = await requests.patch(`${CONFIG_MAPS}/${name}`, 'merge', { metadata: { ownerReferences } });
    expect(patched.headers['warning']).toContain('duplicate entries after mutating admission happens; API server');
  });

  it('ignores the status of a kind that has a status subresource, and starts its generation at 1', async () => {
    const { body } = await requests.post(DEPLOYMENTS, { ...deployment('fresh'), status: { replicas: 7 } });
    expect(body.status).toEqual({});
    expect(body.metadata.generation).toBe(1);
  });

  it('refuses a namespace that does not exist', async () => {
    const { code, body } = await requests.post('/api/v1/namespaces/nowhere/configmaps', configMap('a'));
    expect(code).toBe(404);
    expect(body.message).toBe('namespaces "nowhere" not found');
  });
});

describe('update', () => {
  it('needs the current resourceVersion when it names one', async () => {
    const { body } = await requests.post(CONFIG_MAPS, configMap('locked'));
    await requests.put(`${CONFIG_MAPS}/locked`, configMap('locked', { a: '1' }));
    const stale = await requests.put(`${CONFIG_MAPS}/locked`, body);
    expect(stale.code).toBe(409);
    expect(stale.body).toMatchObject({
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "locked": the object has been modified; please apply your changes to the latest version and try again',
    });
  });

  it('that changes nothing is no write', async () => {
    const { body } = await requests.post(CONFIG_MAPS, configMap('same', { a: '1' }));
    const again = await requests.put(`${CONFIG_MAPS}/same`, body);
    expect(again.code).toBe(200);
    expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
  });

  it('counts the generation when the spec changes, not when the metadata does', async () => {
    const { body } = await requests.post(DEPLOYMENTS, deployment('counted'));
    const labelled = await requests.patch(`${DEPLOYMENTS}/counted`, 'merge', { metadata: { labels: { a: 'b' } } });
    expect(labelled.body.metadata.generation).toBe(body.metadata.generation);
    const scaled = await requests.patch(`${DEPLOYMENTS}/counted`, 'merge', { spec: { replicas: 5 } });
    expect(scaled.body.metadata.generation).toBe(body.metadata.generation + 1);
  });

  it('of the status leaves the spec, and of the object the status', async () => {
    await requests.post(DEPLOYMENTS, deployment('halves'));
    const status = { spec: { replicas: 9 }, status: { replicas: 2 } };
    const written = await requests.patch(`${DEPLOYMENTS}/halves/status`, 'merge', status);
    expect(written.body).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 2 } });
    const { body } = await requests.patch(`${DEPLOYMENTS}/halves`, 'merge', {
      spec: { replicas: 3 },
      status: { replicas: 8 },
    });
    expect(body).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 2 } });
  });

  it('of what is not there is 404, and creates where the kind allows it', async () => {
    expect((await requests.put(`${CONFIG_MAPS}/absent`, configMap('absent'))).code).toBe(404);
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    const { code, body } = await requests.put(`${leases}/made`, {
      metadata: { name: 'made' },
      spec: { holderIdentity: 'me' },
    });
    expect(code).toBe(201);
    expect(body.metadata.uid).toBeTruthy();
  });
});

describe('delete', () => {
  it('answers with a Success status that names what is gone', async () => {
    const { body } = await requests.post(CONFIG_MAPS, configMap('gone'));
    const deleted = await requests.delete(`${CONFIG_MAPS}/gone`);
    expect(deleted.code).toBe(200);
    expect(deleted.body).toMatchObject({ kind: 'Status', status: 'Success' });
    expect(deleted.body.details).toEqual({ name: 'gone', kind: 'configmaps', uid: body.metadata.uid });
    expect((await requests.get(`${CONFIG_MAPS}/gone`)).code).toBe(404);
  });

  it('waits for finalizers, and ends with the update that takes the last one away', async () => {
    await requests.post(CONFIG_MAPS, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    const marked = await requests.delete(`${CONFIG_MAPS}/held`);
    expect(marked.body.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, finalizers: ['example.com/hold'] });
    const added = await requests.patch(`${CONFIG_MAPS}/held`, 'merge', {
      metadata: { finalizers: ['example.com/hold', 'example.com/more'] },
    });
    expect(added.code).toBe(422);
    expect((await requests.patch(`${CONFIG_MAPS}/held`, 'merge', { metadata: { finalizers: null } })).code).toBe(200);
    expect((await requests.get(`${CONFIG_MAPS}/held`)).code).toBe(404);
  });

  it('with a propagation policy leaves the dependents to the garbage collector', async () => {
    await requests.post(CONFIG_MAPS, configMap('parent'));
    const { body } = await requests.delete(`${CONFIG_MAPS}/parent`, { propagationPolicy: 'Foreground' });
    expect(body.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect(body.metadata.deletionTimestamp).toBeTruthy();
  });

  it('minds preconditions', async () => {
    await requests.post(CONFIG_MAPS, configMap('careful'));
    const { code, body } = await requests.delete(`${CONFIG_MAPS}/careful`, { preconditions: { uid: 'other' } });
    expect(code).toBe(409);
    expect(body.message).toContain('the UID in the precondition (other) does not match the UID in record');
  });

  it('of a collection takes what the selector matches', async () => {
    for (const name of ['red-1', 'red-2', 'blue-1']) {
      await requests.post(CONFIG_MAPS, { metadata: { name, labels: { colour: name.split('-')[0] } } });
    }
    const { body } = await requests.send('DELETE', `${CONFIG_MAPS}?labelSelector=colour%3Dred`);
    expect(body.items.map((each: { metadata: { name: string } }) => each.metadata.name)).toEqual(['red-1', 'red-2']);
    const left = await requests.get(`${CONFIG_MAPS}?labelSelector=colour`);
    expect(left.body.items).toHaveLength(1);
  });

  it('of a namespace stops further creates and ends when the namespace is finalized', async () => {
    await requests.post('/api/v1/namespaces', { metadata: { name: 'ending' } });
    const { body } = await requests.delete('/api/v1/namespaces/ending');
    expect(body.status.phase).toBe('Terminating');
    const late = await requests.post('/api/v1/namespaces/ending/configmaps', configMap('late'));
    expect(late.code).toBe(403);
    expect(late.body.details.causes).toEqual([
      { reason: 'NamespaceTerminating', message: 'namespace ending is being terminated', field: 'metadata.namespace' },
    ]);
    await requests.put('/api/v1/namespaces/ending/finalize', { ...body, spec: { finalizers: [] } });
    expect((await requests.get('/api/v1/namespaces/ending')).code).toBe(404);
  });
});
