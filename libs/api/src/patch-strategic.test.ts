import { applyStrategicMergePatch, type StatusError } from '@pilothouse/apimachinery';
import { describe, expect, it } from 'vitest';
import { schemaFor } from './schemas.ts';

const deployment = schemaFor('apps', 'v1', 'Deployment')!;
const pod = schemaFor('', 'v1', 'Pod')!;
const service = schemaFor('', 'v1', 'Service')!;

const withContainers = (...containers: object[]) => ({ spec: { template: { spec: { containers } } } });

describe('lists with a merge key', () => {
  it('merge by the key, nested too', () => {
    const original = withContainers(
      {
        name: 'a',
        image: 'a:1',
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '2' },
        ],
      },
      { name: 'b', image: 'b:1' },
    );
    const patch = withContainers({ name: 'a', image: 'a:2', env: [{ name: 'Y', value: '3' }] });
    const before = structuredClone(original);
    expect(applyStrategicMergePatch(deployment, original, patch)).toEqual(
      withContainers(
        {
          name: 'a',
          image: 'a:2',
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '3' },
          ],
        },
        { name: 'b', image: 'b:1' },
      ),
    );
    expect(original).toEqual(before);
  });

  it('put what is new first, delete and replace by directive', () => {
    const original = withContainers({ name: 'a', image: 'a' }, { name: 'b', image: 'b' });
    expect(
      applyStrategicMergePatch(deployment, original, withContainers({ name: 'c', image: 'c', command: null })),
    ).toEqual(withContainers({ name: 'c', image: 'c' }, { name: 'a', image: 'a' }, { name: 'b', image: 'b' }));
    expect(applyStrategicMergePatch(deployment, original, withContainers({ name: 'a', $patch: 'delete' }))).toEqual(
      withContainers({ name: 'b', image: 'b' }),
    );
    expect(
      applyStrategicMergePatch(deployment, original, withContainers({ name: 'c', image: 'c' }, { $patch: 'replace' })),
    ).toEqual(withContainers({ name: 'c', image: 'c' }));
  });

  it('take the order of $setElementOrder and keep the server’s own items in place', () => {
    const original = { spec: { containers: [{ name: 'a' }, { name: 'injected' }, { name: 'b' }] } };
    const patch = {
      spec: {
        '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }],
        containers: [{ name: 'c', image: 'c' }],
      },
    };
    expect(applyStrategicMergePatch(pod, original, patch)).toEqual({
      spec: { containers: [{ name: 'injected' }, { name: 'b' }, { name: 'c', image: 'c' }, { name: 'a' }] },
    });
    expect(
      applyStrategicMergePatch(pod, original, {
        spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
      }),
    ).toEqual({ spec: { containers: [{ name: 'injected' }, { name: 'b' }, { name: 'a' }] } });
  });

  it('refuse items without the key, in upstream’s words', () => {
    const original = withContainers({ name: 'a' });
    try {
      applyStrategicMergePatch(deployment, original, withContainers({ image: 'x' }));
      expect.unreachable();
    } catch (error) {
      expect((error as StatusError).code).toBe(400);
      expect((error as StatusError).message).toBe('map: map[image:x] does not contain declared merge key: name');
    }
    const unordered = {
      spec: { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b', image: 'b' }] },
    };
    expect(() => applyStrategicMergePatch(pod, { spec: { containers: [{ name: 'a' }] } }, unordered)).toThrow(
      "doesn't match $setElementOrder list",
    );
  });

  it('use each list’s own key', () => {
    const original = {
      spec: {
        ports: [
          { port: 80, targetPort: 1 },
          { port: 443, targetPort: 2 },
        ],
      },
    };
    expect(applyStrategicMergePatch(service, original, { spec: { ports: [{ port: 80, targetPort: 8080 }] } })).toEqual({
      spec: {
        ports: [
          { port: 80, targetPort: 8080 },
          { port: 443, targetPort: 2 },
        ],
      },
    });
  });
});

describe('lists of scalars', () => {
  it('merge as sets when the schema says so, else are replaced', () => {
    const original = { metadata: { finalizers: ['a', 'b'] }, spec: { containers: [{ name: 'x', args: ['1', '2'] }] } };
    const patch = { metadata: { finalizers: ['c'] }, spec: { containers: [{ name: 'x', args: ['3'] }] } };
    expect(applyStrategicMergePatch(pod, original, patch)).toEqual({
      metadata: { finalizers: ['c', 'a', 'b'] },
      spec: { containers: [{ name: 'x', args: ['3'] }] },
    });
  });

  it('lose items by $deleteFromPrimitiveList', () => {
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['b', 'zzz'] } };
    expect(applyStrategicMergePatch(pod, { metadata: { finalizers: ['a', 'b'] } }, patch)).toEqual({
      metadata: { finalizers: ['a'] },
    });
    expect(applyStrategicMergePatch(pod, { metadata: {} }, patch)).toEqual({ metadata: {} });
  });
});

describe('maps', () => {
  it('merge, and null deletes', () => {
    const original = { metadata: { labels: { a: '1', b: '2' } } };
    expect(applyStrategicMergePatch(pod, original, { metadata: { labels: { a: null, c: '3' } } })).toEqual({
      metadata: { labels: { b: '2', c: '3' } },
    });
    expect(applyStrategicMergePatch(pod, original, { metadata: { labels: null } })).toEqual({ metadata: {} });
    expect(applyStrategicMergePatch(pod, original, { metadata: { labels: { $patch: 'replace', z: '1' } } })).toEqual({
      metadata: { labels: { z: '1' } },
    });
    expect(applyStrategicMergePatch(pod, original, { metadata: { labels: { $patch: 'delete' } } })).toEqual({
      metadata: { labels: {} },
    });
  });

  it('keep only $retainKeys', () => {
    const original = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(applyStrategicMergePatch(deployment, original, patch)).toEqual({ spec: { strategy: { type: 'Recreate' } } });
    const wrong = { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } };
    expect(() => applyStrategicMergePatch(deployment, original, wrong)).toThrow('invalid patch format of retainKeys');
  });

  it('add subtrees without what only directs a merge', () => {
    const patch = {
      spec: {
        securityContext: { runAsUser: null, seLinuxOptions: { $patch: 'delete' } },
        containers: [{ $patch: 'delete', name: 'x' }],
      },
    };
    expect(applyStrategicMergePatch(pod, { spec: {} }, patch)).toEqual({
      spec: { securityContext: {}, containers: [] },
    });
  });

  it('refuse unknown directives and bad formats', () => {
    expect(() => applyStrategicMergePatch(pod, {}, { $patch: 'merge' })).toThrow(
      'unknown patch type: merge in map: map[$patch:merge]',
    );
    expect(() =>
      applyStrategicMergePatch(
        pod,
        { metadata: { finalizers: ['a'] } },
        { metadata: { $deleteFromPrimitiveListX: ['a'] } },
      ),
    ).toThrow('invalid patch format of primitive list');
  });
});
