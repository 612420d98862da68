import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';
import { establish, messages } from './crd-requests.ts';

const CRON = '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$';

const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['cronSpec'],
      'x-kubernetes-validations': [
        { rule: 'self.minReplicas <= self.replicas', message: 'too few replicas' },
        {
          rule: 'self.replicas <= self.maxReplicas',
          messageExpression: "'%d is more than %d'.format([self.replicas, self.maxReplicas])",
          reason: 'FieldValueForbidden',
          fieldPath: '.replicas',
        },
      ],
      properties: {
        cronSpec: { type: 'string', pattern: CRON },
        minReplicas: { type: 'integer', default: 0 },
        maxReplicas: { type: 'integer', default: 20 },
        replicas: { type: 'integer', minimum: 0, maximum: 30, default: 1 },
        mode: { type: 'string', enum: ['fast', 'slow'], default: 'slow' },
        color: {
          type: 'string',
          maxLength: 5,
          'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'color is immutable' }],
        },
        port: { 'x-kubernetes-int-or-string': true },
        note: { type: 'string', nullable: true },
        when: { type: 'string', format: 'date-time' },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
        extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, port: { type: 'integer', default: 80 } },
          },
        },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        target: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          oneOf: [{ required: ['a'] }, { required: ['b'] }],
        },
      },
    },
    status: {
      type: 'object',
      properties: { replicas: { type: 'integer' }, selector: { type: 'string' }, ready: { type: 'string' } },
    },
  },
};

const version = {
  subresources: {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  },
  additionalPrinterColumns: [
    { name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec' },
    { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'First Port', type: 'integer', jsonPath: '.spec.ports[?(@.name=="http")].port', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  selectableFields: [{ jsonPath: '.spec.mode' }],
};

let server: RunningApiserver;
let requests: Requests;
let path: string;

const cronTab = (name: string, spec: object = {}) => ({
  apiVersion: 'stable.example.com/v1',
  kind: 'CronTab',
  metadata: { name },
  spec: { cronSpec: '* * * * */5', ...spec },
});

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
  path = await establish(requests, {
    group: 'stable.example.com',
    plural: 'crontabs',
    kind: 'CronTab',
    schema,
    version,
  });
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

describe('an object of a custom resource', () => {
  it('is pruned and defaulted, its keys in alphabetical order', async () => {
    const { code, headers, body } = await requests.post(
      path,
      cronTab('pruned', {
        unknown: 1,
        extra: { z: 1, a: { b: null } },
        note: null,
        color: null,
        ports: [{ name: 'http', nope: 1 }],
      }),
    );
    expect(code).toBe(201);
    expect(Object.keys(body)).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
    expect(body.spec).toEqual({
      cronSpec: '* * * * */5',
      extra: { a: { b: null }, z: 1 },
      maxReplicas: 20,
      minReplicas: 0,
      mode: 'slow',
      note: null,
      ports: [{ name: 'http', port: 80 }],
      replicas: 1,
    });
    expect(String(headers.warning)).toContain('unknown field \\"spec.ports[0].nope\\"');
    expect(String(headers.warning)).toContain('unknown field \\"spec.unknown\\"');
  });

  it.each([
    ['PUT', '', 400, 'name must be provided'],
    ['OPTIONS', '', 405, ' is not supported on resources of kind "crontabs.stable.example.com"'],
    ['DELETE', '/x/status', 405, 'delete is not supported on resources of kind "crontabs.stable.example.com"'],
    ['GET', '/x/nothing', 404, 'crontabs.stable.example.com "x" not found'],
  ])('is served past the router: %s %s is %i', async (method, below, code, message) => {
    const { body } = await requests.send(method, `${path}${below}`, { body: '{}' });
    expect(body).toMatchObject({ code, message });
  });

  it('is nowhere but in its namespace', async () => {
    const { code, text } = await requests.get('/apis/stable.example.com/v1/crontabs/x');
    expect({ code, text }).toEqual({ code: 404, text: '404 page not found\n' });
  });

  it('is refused with fieldValidation=Strict when it has unknown or duplicate fields', async () => {
    const { code, body } = await requests.post(
      `${path}?fieldValidation=Strict`,
      '{"metadata":{"name":"strict","x":1},"spec":{"cronSpec":"* * * * *","mode":"fast","mode":"slow","zzz":1}}',
    );
    expect(code).toBe(400);
    expect(body.message).toContain('cannot be handled as a CronTab: strict decoding error: ');
    for (const why of ['duplicate field "spec.mode"', 'unknown field "metadata.x"', 'unknown field "spec.zzz"'])
      expect(body.message).toContain(why);
  });

  it('is validated in the words of upstream', async () => {
    const spec = {
      cronSpec: 'x',
      replicas: 31,
      mode: 'odd',
      color: 'purple',
      port: true,
      when: 'today',
      ports: [{ name: 'a' }, { name: 'a' }],
      tags: ['t', 't'],
      target: {},
      template: {},
    };
    const answer = await requests.post(path, cronTab('wrong', spec));
    expect(answer.code).toBe(422);
    expect(messages(answer)).toEqual([
      'spec.color: Too long: may not be more than 5 bytes',
      `spec.cronSpec: Invalid value: "x": spec.cronSpec in body should match '${CRON}'`,
      'spec.mode: Unsupported value: "odd": supported values: "fast", "slow"',
      'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      'spec.replicas: Invalid value: 31: spec.replicas in body should be less than or equal to 30',
      '<nil>: Invalid value: "": "spec.target" must validate one and only one schema (oneOf). Found none valid',
      'spec.target.a: Required value',
      'spec.when: Invalid value: "today": spec.when in body must be of type date-time: "today"',
      'spec.template.apiVersion: Required value: must not be empty',
      'spec.template.kind: Required value: must not be empty',
      'spec.ports[1]: Duplicate value: {"name":"a"}',
      'spec.tags[1]: Duplicate value: "t"',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  it('says what is missing', async () => {
    const answer = await requests.post(path, { metadata: { name: 'empty' } });
    expect(messages(answer)).toContain('spec: Required value');
    expect(answer.body.message).toMatch(/^CronTab.stable.example.com "empty" is invalid: \[spec: Required value/);
  });

  it('obeys rules, their messages, reasons and field paths', async () => {
    const few = await requests.post(path, cronTab('few', { minReplicas: 2 }));
    expect(messages(few)).toEqual(['spec: Invalid value: "object": too few replicas']);
    const many = await requests.post(path, cronTab('many', { replicas: 25 }));
    expect(messages(many)).toEqual(['spec.replicas: Forbidden: 25 is more than 20']);
  });

  it('obeys rules on transitions', async () => {
    await requests.post(path, cronTab('colored', { color: 'red' }));
    const answer = await requests.patch(`${path}/colored`, 'merge', { spec: { color: 'blue' } });
    expect(messages(answer)).toEqual(['spec.color: Invalid value: "string": color is immutable']);
  });

  it('counts generations of its spec, keeps status to its subresource, and scales', async () => {
    await requests.post(path, { ...cronTab('scaled'), status: { replicas: 9 } });
    expect((await requests.get(`${path}/scaled`)).body.status).toBeUndefined();
    await requests.patch(`${path}/scaled/status`, 'merge', { status: { replicas: 2, selector: 'a=b' } });
    const scale = await requests.get(`${path}/scaled/scale`);
    expect(scale.body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 1 },
      status: { replicas: 2, selector: 'a=b' },
    });
    await requests.put(`${path}/scaled/scale`, { ...scale.body, spec: { replicas: 7 } });
    const { body } = await requests.get(`${path}/scaled`);
    expect(body.spec.replicas).toBe(7);
    expect(body.metadata.generation).toBe(2);
    const wrong = await requests.patch(`${path}/scaled/status`, 'merge', { status: { replicas: 'x' } });
    expect(messages(wrong)[0]).toBe(
      'status.replicas: Invalid value: "string": replicas in body must be of type integer: "string"',
    );
  });

  it('is selected by its selectable fields', async () => {
    await requests.post(path, cronTab('fast', { mode: 'fast' }));
    const { body } = await requests.get(`${path}?fieldSelector=spec.mode%3Dfast`);
    expect(body.items.map((each: { metadata: { name: string } }) => each.metadata.name)).toEqual(['fast']);
    expect((await requests.get(`${path}?fieldSelector=spec.nope%3Dx`)).code).toBe(400);
  });

  it('prints the columns of its definition', async () => {
    await requests.post(path, cronTab('printed', { ports: [{ name: 'http', port: 8080 }] }));
    const { body } = await requests.get(`${path}/printed`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    expect(body.columnDefinitions.map((each: { name: string }) => each.name)).toEqual([
      'Name',
      'Spec',
      'Replicas',
      'First Port',
      'Age',
    ]);
    expect(body.rows[0].cells).toEqual(['printed', '* * * * */5', 1, 8080, expect.stringMatching(/^\d+s$/)]);
  });

  it('has no Protobuf, though its metadata has', async () => {
    expect((await requests.get(path, { accept: 'application/vnd.kubernetes.protobuf' })).code).toBe(406);
    const both = await requests.get(path, { accept: 'application/vnd.kubernetes.protobuf,application/json' });
    expect(both.body.kind).toBe('CronTabList');
    const partial = await requests.get(path, {
      accept: 'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    });
    expect(partial.text.slice(0, 3)).toBe('k8s');
  });

  it('takes merge and JSON patches and server-side apply, but no strategic merge', async () => {
    await requests.post(path, cronTab('patched'));
    expect((await requests.patch(`${path}/patched`, 'strategic', {})).code).toBe(415);
    expect(
      (await requests.patch(`${path}/patched`, 'json', [{ op: 'add', path: '/spec/replicas', value: 4 }])).body.spec
        .replicas,
    ).toBe(4);
    const applied = (name: string, manager: string, spec: object) =>
      requests.patch(`${path}/${name}?fieldManager=${manager}`, 'apply', {
        apiVersion: 'stable.example.com/v1',
        kind: 'CronTab',
        metadata: { name },
        spec,
      });
    await applied('applied', 'one', { cronSpec: '* * * * *', ports: [{ name: 'a', port: 1 }] });
    const second = await applied('applied', 'two', { ports: [{ name: 'b', port: 2 }] });
    expect(second.body.spec.ports).toEqual([
      { name: 'a', port: 1 },
      { name: 'b', port: 2 },
    ]);
    const conflict = await applied('applied', 'two', { ports: [{ name: 'a', port: 3 }] });
    expect(conflict.code).toBe(409);
    expect(conflict.body.message).toContain('conflict with "one": .spec.ports[name="a"].port');
  });

  it('is forgiven what was wrong before, where an update does not touch it', async () => {
    const loose = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' }, name: { type: 'string' } } } },
    };
    const ratchets = await establish(requests, { plural: 'ratchets', kind: 'Ratchet', schema: loose });
    await requests.post(ratchets, { metadata: { name: 'r' }, spec: { size: 100, name: 'a' } });
    const tight = structuredClone(loose);
    Object.assign(tight.properties.spec.properties.size, { maximum: 10 });
    await requests.patch('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ratchets.example.com', 'json', [
      { op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: tight },
    ]);
    await expect
      .poll(async () => (await requests.post(ratchets, { metadata: { name: 'n' }, spec: { size: 100 } })).code)
      .toBe(422);
    expect((await requests.patch(`${ratchets}/r`, 'merge', { spec: { name: 'b' } })).code).toBe(200);
    expect((await requests.patch(`${ratchets}/r`, 'merge', { spec: { size: 101 } })).code).toBe(422);
  });

  it('is watched', async () => {
    const list = await requests.get(path);
    const since = list.body.metadata.resourceVersion as string;
    await requests.post(path, cronTab('watched'));
    const { text } = await requests.get(
      `${path}?watch=true&resourceVersion=${since}&timeoutSeconds=1&fieldSelector=metadata.name%3Dwatched`,
    );
    const event = JSON.parse(text.split('\n')[0]!);
    expect(event).toMatchObject({ type: 'ADDED', object: { kind: 'CronTab', metadata: { name: 'watched' } } });
  });
});
