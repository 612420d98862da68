import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

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

const configuration = (name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('server-side apply', () => {
  it('creates, is idempotent, and removes what its manager no longer applies', async () => {
    const path = `${CONFIG_MAPS}/applied?fieldManager=one`;
    const created = await requests.patch(path, 'apply', configuration('applied', { a: '1', b: '2' }));
    expect(created.code).toBe(201);
    const again = await requests.patch(path, 'apply', configuration('applied', { a: '1', b: '2' }));
    expect(again.body.metadata.resourceVersion).toBe(created.body.metadata.resourceVersion);
    const less = await requests.patch(path, 'apply', configuration('applied', { a: '1' }));
    expect(less.body.data).toEqual({ a: '1' });
  });

  it('is 409 with a cause per field where another manager disagrees, unless forced', async () => {
    await requests.post(`${CONFIG_MAPS}?fieldManager=creator`, { metadata: { name: 'contested' }, data: { a: '1' } });
    const path = `${CONFIG_MAPS}/contested?fieldManager=applier`;
    const refused = await requests.patch(path, 'apply', configuration('contested', { a: '2' }));
    expect(refused.code).toBe(409);
    expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "creator" using v1: .data.a');
    expect(refused.body.details.causes).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "creator" using v1', field: '.data.a' },
    ]);
    const forced = await requests.patch(`${path}&force=true`, 'apply', configuration('contested', { a: '2' }));
    expect(forced.body.data.a).toBe('2');
  });

  it('must say who applies', async () => {
    const { code, body } = await requests.patch(`${CONFIG_MAPS}/nameless`, 'apply', configuration('nameless', {}));
    expect(code).toBe(422);
    expect(body.message).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  });
});

describe('the other patches', () => {
  it('change what is there, and never create', async () => {
    await requests.post(CONFIG_MAPS, { metadata: { name: 'patched' }, data: { a: '1', b: '2' } });
    const json = await requests.patch(`${CONFIG_MAPS}/patched`, 'json', [
      { op: 'replace', path: '/data/a', value: '9' },
    ]);
    expect(json.body.data).toEqual({ a: '9', b: '2' });
    const merge = await requests.patch(`${CONFIG_MAPS}/patched`, 'merge', { data: { b: null } });
    expect(merge.body.data).toEqual({ a: '9' });
    const strategic = await requests.patch(`${CONFIG_MAPS}/patched`, 'strategic', {
      metadata: { finalizers: ['example.com/a'] },
    });
    expect(strategic.body.metadata.finalizers).toEqual(['example.com/a']);
    expect((await requests.patch(`${CONFIG_MAPS}/absent`, 'merge', {})).code).toBe(404);
  });

  it('are refused when they do not fit', async () => {
    const missing = await requests.patch(`${CONFIG_MAPS}/patched`, 'json', [
      { op: 'replace', path: '/nothing/here', value: 1 },
    ]);
    expect(missing.code).toBe(422);
    const renamed = await requests.patch(`${CONFIG_MAPS}/patched`, 'merge', { metadata: { name: 'other' } });
    expect(renamed.code).toBe(400);
    const mistyped = await requests.patch(`${CONFIG_MAPS}/patched`, 'merge', { data: 5 });
    expect(mistyped.code).toBe(422);
  });
});
