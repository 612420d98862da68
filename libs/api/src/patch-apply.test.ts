import {
  decodeJsonValue,
  FieldManager,
  FieldSet,
  type FieldManagerOptions,
  type KubeObject,
  type StatusError,
  withoutTimestampChanges,
} from '@pilothouse/apimachinery';
import { describe, expect, it } from 'vitest';
import { schemaFor } from './schemas.ts';

const deployment = schemaFor('apps', 'v1', 'Deployment')!;
const normal = (value: object): any => decodeJsonValue(deployment, value).object;

const options: FieldManagerOptions = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  emptyObject: normal({}),
  schemaFor: (apiVersion) => (apiVersion === 'apps/v1' ? deployment : undefined),
  convert: (object) => object,
};
const fields = new FieldManager({ ...options, resetFields: new Map([['apps/v1', FieldSet.ofFields(['status'])]]) });
const statusFields = new FieldManager({
  ...options,
  subresource: 'status',
  resetFields: new Map([['apps/v1', FieldSet.ofFields(['spec'], ['metadata', 'labels'])]]),
});

const now = new Date('2026-01-02T03:04:05Z');
const later = new Date('2026-01-02T03:05:05Z');

const web = (spec: object = {}, metadata: object = {}): any => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }] },
    },
    ...spec,
  },
});

const apply = (live: KubeObject | undefined, config: object, manager: string, force = false, at = now): any =>
  normal(fields.apply(live, config as KubeObject, manager, force, at));
const entries = (object: KubeObject) =>
  Object.fromEntries((object.metadata?.managedFields ?? []).map((each) => [`${each.manager}/${each.operation}`, each]));
const stored = (object: any): any => ({ ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '1' } });

describe('ownership by update', () => {
  it('is recorded on create as upstream prints it', () => {
    const created = fields.update(undefined, normal(web({ replicas: 2 })), 'kubectl-create', now);
    expect(created.metadata?.managedFields).toEqual([
      {
        manager: 'kubectl-create',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: '2026-01-02T03:04:05Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"web"}': {
                    '.': {},
                    'f:image': {},
                    'f:name': {},
                    'f:ports': {
                      '.': {},
                      'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                    },
                    'f:resources': {},
                  },
                },
              },
            },
          },
        },
      },
    ]);
  });

  it('moves with the change, and only the changer’s time moves', () => {
    const created = stored(fields.update(undefined, normal(web({ replicas: 2 })), 'one', now));
    const next = { ...created, spec: { ...created.spec, replicas: 3 } };
    const updated = entries(fields.update(created, next, 'two', later));
    expect(updated['one/Update']).toMatchObject({ time: '2026-01-02T03:04:05Z' });
    expect(updated['one/Update']!.fieldsV1!['f:spec']).not.toHaveProperty('f:replicas');
    expect(updated['two/Update']).toMatchObject({
      time: '2026-01-02T03:05:05Z',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    });
  });

  it('stays exactly as it was when nothing changes', () => {
    const created = stored(fields.update(undefined, normal(web()), 'one', now));
    expect(fields.update(created, created, 'two', later)).toEqual(created);
  });

  it('of a subresource is kept apart, and resets are not owned', () => {
    const created = stored(fields.update(undefined, normal(web({ replicas: 1 })), 'one', now));
    const next = { ...created, spec: { ...created.spec, replicas: 9 }, status: { replicas: 1, readyReplicas: 1 } };
    const updated = entries(statusFields.update(created, next, 'controller', later));
    expect(updated['controller/Update']).toMatchObject({
      subresource: 'status',
      fieldsV1: { 'f:status': { 'f:readyReplicas': {}, 'f:replicas': {} } },
    });
    expect(Object.keys(updated['controller/Update']!.fieldsV1!)).toEqual(['f:status']);
  });

  it('can be edited, and is dropped on request', () => {
    const created = stored(fields.update(undefined, normal(web()), 'one', now));
    const reset = { ...created, metadata: { ...created.metadata, managedFields: [{}] } };
    expect(fields.update(created, reset, 'two', later).metadata?.managedFields).toBeUndefined();
    const forgetful = { ...created, metadata: { ...created.metadata, managedFields: undefined } };
    expect(fields.update(created, forgetful, 'two', later).metadata?.managedFields).toEqual(
      created.metadata.managedFields,
    );
  });

  it('merges the oldest updaters beyond ten', () => {
    let object = stored(fields.update(undefined, normal(web()), 'manager-00', now));
    for (let i = 1; i <= 11; i++) {
      const annotations = { ...object.metadata.annotations, [`a${i}`]: 'x' };
      const next = { ...object, metadata: { ...object.metadata, annotations } };
      const at = new Date(now.getTime() + i * 1000);
      object = fields.update(object, next, `manager-${String(i).padStart(2, '0')}`, at);
    }
    const names = object.metadata.managedFields.map((entry: { manager: string }) => entry.manager);
    expect(names).toHaveLength(10);
    expect(names[0]).toBe('ancient-changes');
    expect(names).not.toContain('manager-02');
    expect(names).toContain('manager-03');
  });
});

describe('apply', () => {
  it('creates, and owns what it says', () => {
    const created = apply(undefined, web({ replicas: 2 }), 'mine');
    expect(created.spec.replicas).toBe(2);
    expect(entries(created)['mine/Apply']!.fieldsV1).toEqual({
      'f:spec': {
        'f:replicas': {},
        'f:selector': {},
        'f:template': {
          'f:metadata': { 'f:labels': { 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"web"}': {
                '.': {},
                'f:image': {},
                'f:name': {},
                'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
              },
            },
          },
        },
      },
    });
  });

  it('twice changes nothing, times included', () => {
    const first = stored(apply(undefined, web(), 'mine'));
    const second = apply(first, web(), 'mine', false, later);
    expect(second).toEqual(first);
    expect(withoutTimestampChanges(second, first)).toBe(first);
  });

  it('conflicts with who else manages the field, in upstream’s words', () => {
    const live = stored(apply(undefined, web({ replicas: 2 }), 'mine'));
    const scaled = stored(fields.update(live, { ...live, spec: { ...live.spec, replicas: 5 } }, 'kubectl', now));
    try {
      apply(scaled, web({ replicas: 3 }), 'mine');
      expect.unreachable();
    } catch (error) {
      expect((error as StatusError).status).toMatchObject({
        code: 409,
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas',
        details: {
          causes: [
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "kubectl" using apps/v1',
              field: '.spec.replicas',
            },
          ],
        },
      });
    }
    const forced = apply(scaled, web({ replicas: 3 }), 'mine', true);
    expect(forced.spec.replicas).toBe(3);
    expect(entries(forced)['kubectl/Update']).toBeUndefined();
  });

  it('lists several conflicts by manager', () => {
    const live = stored(apply(undefined, web({ replicas: 2, paused: true }), 'one'));
    expect(() => apply(live, web({ replicas: 3, paused: false }), 'two')).toThrow(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.paused\n- .spec.replicas',
    );
  });

  it('shares a field on which both agree', () => {
    const live = stored(apply(undefined, web({ replicas: 2 }), 'one'));
    const shared = apply(live, web({ replicas: 2 }), 'two');
    expect(Object.keys(entries(shared)).sort()).toEqual(['one/Apply', 'two/Apply']);
    const given = apply(stored(shared), web(), 'one');
    expect(given.spec.replicas).toBe(2);
  });

  it('removes what it no longer says, unless others manage it', () => {
    const labels = { labels: { a: '1', b: '2' } };
    const live = stored(apply(undefined, web({ replicas: 2 }, labels), 'mine'));
    const next = { ...live, metadata: { ...live.metadata, labels: { ...labels.labels, c: '3' } } };
    const labelled = stored(fields.update(live, next, 'other', now));
    const reduced = apply(labelled, web({}, { labels: { a: '1' } }), 'mine', false, later);
    expect(reduced.metadata.labels).toEqual({ a: '1', c: '3' });
    expect(reduced.spec.replicas).toBeUndefined();
    expect(entries(reduced)['mine/Apply']!.time).toBe('2026-01-02T03:05:05Z');
  });

  it('of nothing gives everything up', () => {
    const live = stored(apply(undefined, web({}, { annotations: { a: '1' } }), 'mine'));
    const annotated = stored(apply(live, { ...web(), metadata: { name: 'web', annotations: { b: '2' } } }, 'other'));
    const empty = apply(annotated, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }, 'mine');
    expect(Object.keys(entries(empty))).toEqual(['other/Apply']);
    expect(empty.metadata.annotations).toEqual({ b: '2' });
    expect(empty.spec.template.spec.containers).toHaveLength(1);
  });

  it('merges lists by key and keeps the items of others', () => {
    const live = stored(apply(undefined, web(), 'mine'));
    const sidecar = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { template: { spec: { containers: [{ name: 'side', image: 'envoy' }] } } },
    };
    const both = stored(apply(live, sidecar, 'injector'));
    expect(both.spec.template.spec.containers.map((each: { name: string }) => each.name)).toEqual(['web', 'side']);
    const gone = apply(both, { ...sidecar, spec: undefined }, 'injector');
    expect(gone.spec.template.spec.containers.map((each: { name: string }) => each.name)).toEqual(['web']);
  });

  it('refuses what is not an object of the kind', () => {
    const refusal = (config: object) => {
      try {
        apply(undefined, config, 'mine');
      } catch (error) {
        return [(error as StatusError).code, (error as StatusError).message];
      }
      return [];
    };
    expect(refusal({ ...web(), kind: 'Pod' })).toEqual([400, 'invalid object type: apps/v1, Kind=Pod']);
    expect(refusal(web({}, { managedFields: [] }))).toEqual([400, 'metadata.managedFields must be nil']);
    expect(refusal(web({ foo: 1, replicas: '2' }))).toEqual([
      400,
      'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): errors:\n' +
        '  .spec.foo: field not declared in schema\n' +
        '  .spec.replicas: expected numeric (int or float), got string',
    ]);
    const containers = (...list: object[]) => web({ template: { spec: { containers: list } } });
    expect(refusal(containers({ name: 'a' }, { name: 'a' }))[1]).toContain(
      '.spec.template.spec.containers: duplicate entries for key [name="a"]',
    );
    expect(refusal(containers({ image: 'a' }))[1]).toContain(
      'element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
    );
    expect(refusal(containers({ name: 'a', env: [{ name: 'X', value: 1 }] }))[1]).toContain(
      '.spec.template.spec.containers[name="a"].env[name="X"].value: expected string, got &value.valueUnstructured{Value:1}',
    );
  });
});

describe('moving from client-side apply', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const clientApplied = () => {
    const config = web({ replicas: 2 });
    const annotated = web({ replicas: 2 }, { annotations: { [annotation]: JSON.stringify(config) } });
    return stored(fields.update(undefined, normal(annotated), 'kubectl-client-side-apply', now));
  };

  it('kubectl takes over without conflict and keeps the annotation in step', () => {
    const taken = apply(clientApplied(), web({ replicas: 3 }), 'kubectl');
    expect(taken.spec.replicas).toBe(3);
    expect(JSON.parse(taken.metadata.annotations[annotation]).spec.replicas).toBe(3);
    expect(taken.metadata.annotations[annotation]).toMatch(
      /^\{"apiVersion":"apps\/v1","kind":"Deployment","metadata":\{"name":"web","namespace":"default"\},"spec".*\}\n$/,
    );
  });

  it('others conflict, and so does a field changed since', () => {
    expect(() => apply(clientApplied(), web({ replicas: 3 }), 'argo')).toThrow('Apply failed with 1 conflict');
    const live = clientApplied();
    const scaled = stored(fields.update(live, { ...live, spec: { ...live.spec, replicas: 7 } }, 'hpa', now));
    expect(() => apply(scaled, web({ replicas: 3 }), 'kubectl')).toThrow(
      'conflict with "hpa" using apps/v1: .spec.replicas',
    );
  });
});

it('tracks an untracked object from its first apply', () => {
  const live = stored(normal(web({ replicas: 2 })));
  expect(
    fields.update(live, { ...live, spec: { ...live.spec, replicas: 3 } }, 'one', now).metadata?.managedFields,
  ).toBeUndefined();
  const applied = apply(live, web({ replicas: 2 }), 'mine');
  expect(Object.keys(entries(applied))).toEqual(['mine/Apply', 'before-first-apply/Update']);
});
