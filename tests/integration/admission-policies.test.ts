import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

let server: RunningApiserver;
let requests: Requests;

beforeAll(async () => {
  server = await startApiserver({ flags: ['--authorization-mode=RBAC'] });
  requests = requestsOf(server);
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

beforeEach(async () => {
  await requests.delete(`${GROUP}/validatingadmissionpolicybindings`);
  await requests.delete(`${GROUP}/validatingadmissionpolicies`);
});

const ON_CONFIG_MAPS = {
  resourceRules: [
    { operations: ['CREATE', 'UPDATE', 'DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ],
};

async function policy(name: string, spec: object, binding: object = {}): Promise<void> {
  const head = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name } };
  const made = await requests.post(`${GROUP}/validatingadmissionpolicies`, {
    ...head,
    kind: 'ValidatingAdmissionPolicy',
    spec: { matchConstraints: ON_CONFIG_MAPS, ...spec },
  });
  expect(made.code, made.text).toBe(201);
  const bound = await requests.post(`${GROUP}/validatingadmissionpolicybindings`, {
    ...head,
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: { policyName: name, validationActions: ['Deny'], ...binding },
  });
  expect(bound.code, bound.text).toBe(201);
}

const create = (name: string, fields: object = {}) => requests.post(CONFIG_MAPS, { metadata: { name }, ...fields });

describe('a validating admission policy', () => {
  it('refuses what its expression does not hold for, right after it was bound', async () => {
    await policy('size', { validations: [{ expression: 'size(object.data) <= 1' }] });
    expect((await create('small', { data: { a: '1' } })).code).toBe(201);
    const { code, body } = await create('large', { data: { a: '1', b: '2' } });
    expect(code).toBe(422);
    expect(body).toMatchObject({
      reason: 'Invalid',
      message: `configmaps "large" is forbidden: ValidatingAdmissionPolicy 'size' with binding 'size' denied request: failed expression: size(object.data) <= 1`,
    });
  });

  it('speaks with its message, reason and message expression', async () => {
    const validations = [
      { expression: `!('a' in object.data)`, message: 'no a', reason: 'Forbidden' },
      { expression: `!('b' in object.data)`, messageExpression: `'b is ' + object.data.b`, message: 'unused' },
    ];
    await policy('words', { validations });
    const first = await create('x', { data: { a: '' } });
    expect([first.code, first.body.reason]).toEqual([403, 'Forbidden']);
    expect(first.body.message).toMatch(/denied request: no a$/);
    expect((await create('y', { data: { b: 'bad' } })).body.message).toMatch(/denied request: b is bad$/);
  });

  it('sees the old object, the request, the namespace and its variables', async () => {
    await create('seen', { data: { n: '1' } });
    await policy('sees', {
      variables: [
        { name: 'before', expression: `oldObject == null ? 'none' : oldObject.data.n` },
        { name: 'who', expression: `request.userInfo.username + ' ' + request.operation + ' ' + variables.before` },
      ],
      validations: [{ expression: `namespaceObject.metadata.name != 'default'`, messageExpression: 'variables.who' }],
    });
    const { body } = await requests.patch(`${CONFIG_MAPS}/seen`, 'merge', { data: { n: '2' } });
    expect(body.message).toMatch(/denied request: kubernetes-admin UPDATE 1$/);
  });

  it('takes parameters from an object', async () => {
    await create('limits', { data: { max: '2' } });
    await policy(
      'params',
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConditions: [{ name: 'others', expression: `request.name != 'limits'` }],
        validations: [{ expression: 'size(object.data) <= int(params.data.max)' }],
      },
      { paramRef: { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Deny' } },
    );
    expect((await create('two', { data: { a: '', b: '' } })).code).toBe(201);
    expect((await create('three', { data: { a: '', b: '', c: '' } })).code).toBe(422);
    await requests.delete(`${CONFIG_MAPS}/limits`);
    expect((await create('none')).body.message).toMatch(
      /denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction$/,
    );
  });

  it('only warns when its binding says so', async () => {
    await policy(
      'soft',
      { validations: [{ expression: 'false', message: 'please do not' }] },
      { validationActions: ['Warn'] },
    );
    const { code, headers } = await create('warned');
    expect(code).toBe(201);
    expect(headers.warning).toContain(
      `Validation failed for ValidatingAdmissionPolicy 'soft' with binding 'soft': please do not`,
    );
  });

  it('that cannot be evaluated refuses, or with failurePolicy Ignore admits', async () => {
    await policy('broken', { validations: [{ expression: 'object.missing.field == 1' }] });
    expect((await create('fails')).body.message).toMatch(
      /denied request: expression 'object\.missing\.field == 1' resulted in error: no such key: missing$/,
    );
    await requests.delete(`${GROUP}/validatingadmissionpolicies/broken`);
    await requests.delete(`${GROUP}/validatingadmissionpolicybindings/broken`);
    await policy('lenient', { failurePolicy: 'Ignore', validations: [{ expression: 'object.missing.field == 1' }] });
    expect((await create('passes')).code).toBe(201);
  });

  it('asks the authorizer', async () => {
    await policy('asks', {
      validations: [
        { expression: `authorizer.group('').resource('pods').namespace('default').check('get').allowed()` },
        { expression: `authorizer.requestResource.check('create').allowed()` },
        {
          expression: `authorizer.serviceAccount('default', 'nobody').group('').resource('secrets').check('list').allowed()`,
          message: 'nobody may not list secrets',
        },
      ],
    });
    expect((await create('asked')).body.message).toMatch(/denied request: nobody may not list secrets$/);
  });
});

describe('a mutating admission policy', () => {
  const mutatingPolicy = async (
    name: string,
    spec: object,
    match: object = ON_CONFIG_MAPS.resourceRules,
  ): Promise<void> => {
    const head = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name } };
    const made = await requests.post(`${GROUP}/mutatingadmissionpolicies`, {
      ...head,
      kind: 'MutatingAdmissionPolicy',
      spec: { matchConstraints: { resourceRules: match }, reinvocationPolicy: 'Never', ...spec },
    });
    expect(made.code, made.text).toBe(201);
    const bound = await requests.post(`${GROUP}/mutatingadmissionpolicybindings`, {
      ...head,
      kind: 'MutatingAdmissionPolicyBinding',
      spec: { policyName: name },
    });
    expect(bound.code, bound.text).toBe(201);
  };

  beforeEach(async () => {
    await requests.delete(`${GROUP}/mutatingadmissionpolicybindings`);
    await requests.delete(`${GROUP}/mutatingadmissionpolicies`);
  });

  const upserts = [
    { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ];

  it('merges an apply configuration into the object', async () => {
    const expression = `Object{metadata: Object.metadata{labels: {'by': request.userInfo.username}}}`;
    await mutatingPolicy(
      'apply',
      { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }] },
      upserts,
    );
    const { code, body } = await create('merged', { metadata: { name: 'merged', labels: { own: 'yes' } } });
    expect(code).toBe(201);
    expect(body.metadata.labels).toEqual({ own: 'yes', by: 'kubernetes-admin' });
  });

  it('merges lists by their keys', async () => {
    const expression = `Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', image: 'replaced'}]}}`;
    const onPods = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];
    await mutatingPolicy(
      'lists',
      { mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }] },
      onPods,
    );
    await requests.post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
    const containers = [
      { name: 'a', image: 'x' },
      { name: 'c', image: 'y', command: ['z'] },
    ];
    const { body } = await requests.post('/api/v1/namespaces/default/pods', {
      metadata: { name: 'p' },
      spec: { containers },
    });
    expect(body.spec.containers).toMatchObject([
      { name: 'a', image: 'x' },
      { name: 'c', image: 'replaced', command: ['z'] },
    ]);
  });

  it('applies a JSON patch that its expression makes', async () => {
    const expression = `has(object.data) ? [JSONPatch{op: 'add', path: '/data/' + jsonpatch.escapeKey('a.b'), value: string(size(object.data))}] : []`;
    await mutatingPolicy('patch', { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }] }, upserts);
    expect((await create('patched', { data: { x: '' } })).body.data).toEqual({ 'a.b': '1', x: '' });
    expect((await create('unpatched')).body.data).toBeUndefined();
  });

  it('that fails refuses the request', async () => {
    const expression = `[JSONPatch{op: 'test', path: '/data/none', value: 'x'}]`;
    await mutatingPolicy('failing', { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }] }, upserts);
    const { code, body } = await create('refused', { data: { a: '' } });
    expect(code).toBe(422);
    expect(body.message).toContain(`policy 'failing' with binding 'failing' denied request: `);
  });
});
