import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';
import { conditionOf, crd, CRDS, establish, messages } from './crd-requests.ts';

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

describe('a custom resource definition', () => {
  it('gets its names, its conditions and its finalizer, and is served at once', async () => {
    const path = await establish(requests, {
      plural: 'boats',
      kind: 'Boat',
      names: { shortNames: ['bt'], categories: ['all'] },
    });
    expect(
      (await requests.post(path, { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'a' } })).code,
    ).toBe(201);
    await expect
      .poll(async () => (await requests.get(`${CRDS}/boats.example.com`)).body.metadata.finalizers)
      .toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    const { body } = await requests.get(`${CRDS}/boats.example.com`);
    expect(body.metadata.generation).toBe(1);
    expect(body.status).toMatchObject({
      acceptedNames: {
        plural: 'boats',
        singular: 'boat',
        kind: 'Boat',
        listKind: 'BoatList',
        shortNames: ['bt'],
        categories: ['all'],
      },
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
        {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
      storedVersions: ['v1'],
    });
  });

  it('stands in discovery with short names and categories', async () => {
    await establish(requests, {
      plural: 'buoys',
      kind: 'Buoy',
      scope: 'Cluster',
      names: { shortNames: ['by'] },
      version: { subresources: { status: {} } },
    });
    const { body } = await requests.get('/apis/example.com/v1');
    const named = (name: string) => body.resources.find((each: { name: string }) => each.name === name);
    expect(named('buoys')).toMatchObject({ kind: 'Buoy', namespaced: false, shortNames: ['by'], singularName: 'buoy' });
    const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
    expect(named('buoys').verbs).toEqual(verbs);
    expect(named('buoys/status')).toMatchObject({ kind: 'Buoy' });
  });

  it('waits for a name that another has, and gets it when that one goes', async () => {
    await establish(requests, { plural: 'sails', kind: 'Sail', names: { shortNames: ['sl'] } });
    await requests.post(CRDS, crd({ plural: 'slings', kind: 'Sail', names: { listKind: 'SlingList' } }));
    await conditionOf(requests, 'slings.example.com', 'NamesAccepted', 'False');
    const { body } = await requests.get(`${CRDS}/slings.example.com`);
    expect(body.status.conditions).toMatchObject([
      { type: 'NamesAccepted', reason: 'KindConflict', message: '"Sail" is already in use' },
      { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
    ]);
    expect((await requests.get('/apis/example.com/v1/slings')).code).toBe(404);
    await requests.delete(`${CRDS}/sails.example.com`);
    await conditionOf(requests, 'slings.example.com', 'Established', 'True');
    expect((await requests.get('/apis/example.com/v1/slings')).code).toBe(200);
  });

  it('takes its instances with it, and waits for their finalizers', async () => {
    const path = await establish(requests, { plural: 'crews', kind: 'Crew' });
    await requests.post(path, { metadata: { name: 'free' } });
    await requests.post(path, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    await requests.delete(`${CRDS}/crews.example.com`);
    await conditionOf(requests, 'crews.example.com', 'Terminating', 'True');
    await expect.poll(async () => (await requests.get(`${path}/free`)).code).toBe(404);
    const shown = (await requests.get('/apis/example.com/v1')).body.resources.find(
      ({ name }: { name: string }) => name === 'crews',
    );
    expect(shown.verbs).toEqual(['delete', 'deletecollection', 'get', 'list', 'watch']);
    const refused = await requests.post(path, { metadata: { name: 'late' } });
    expect(refused.code).toBe(405);
    expect(refused.body.message).toBe('create not allowed while custom resource definition is terminating');
    await requests.patch(`${path}/held`, 'merge', { metadata: { finalizers: null } });
    await expect.poll(async () => (await requests.get(`${CRDS}/crews.example.com`)).code, { timeout: 5000 }).toBe(404);
    expect((await requests.get(path)).code).toBe(404);
  });

  it('shows a changed schema at once', async () => {
    const text = { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'string' } } } } };
    const path = await establish(requests, { plural: 'ropes', kind: 'Rope', schema: text });
    const rope = { metadata: { name: 'r' }, spec: { size: 5 } };
    expect((await requests.post(path, rope)).code).toBe(422);
    const number = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
    };
    await requests.patch(`${CRDS}/ropes.example.com`, 'json', [
      { op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: number },
    ]);
    await expect.poll(async () => (await requests.post(path, rope)).code, { timeout: 1000 }).toBe(201);
  });

  it('keeps a version that objects may be stored in', async () => {
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: open },
    });
    await establish(requests, { plural: 'logs', kind: 'Log', versions: [version('v1', true), version('v2', false)] });
    await requests.patch(`${CRDS}/logs.example.com`, 'merge', {
      spec: { versions: [version('v1', false), version('v2', true)] },
    });
    expect((await requests.get(`${CRDS}/logs.example.com`)).body.status.storedVersions).toEqual(['v1', 'v2']);
    const answer = await requests.patch(`${CRDS}/logs.example.com`, 'merge', {
      spec: { versions: [version('v2', true)] },
    });
    expect(answer.code).toBe(422);
    expect(answer.body.message).toContain('missing from spec.versions; v1 was previously a storage version');
  });
});

describe('a custom resource definition that is wrong', () => {
  it.each<[string, object, string]>([
    [
      'has no type at a field',
      { type: 'object', properties: { spec: {} } },
      'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
    ],
    [
      'is not an object',
      { type: 'string' },
      'spec.validation.openAPIV3Schema.type: Invalid value: "string": must be object at the root',
    ],
    [
      'has types in a junctor',
      { type: 'object', properties: { a: { type: 'string', anyOf: [{ type: 'string' }] } } },
      'spec.validation.openAPIV3Schema.properties[a].anyOf[0].type: Forbidden: must be empty to be structural',
    ],
    [
      'speaks of a field only in a junctor',
      { type: 'object', oneOf: [{ properties: { a: {} } }] },
      'spec.validation.openAPIV3Schema.properties[a]: Required value: because it is defined in spec.validation.openAPIV3Schema.oneOf[0].properties[a]',
    ],
    [
      'says uniqueItems',
      { type: 'object', properties: { a: { type: 'array', uniqueItems: true, items: { type: 'string' } } } },
      'spec.validation.openAPIV3Schema.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
    [
      'has a default that is not valid',
      { type: 'object', properties: { a: { type: 'integer', default: 'x' } } },
      'spec.validation.openAPIV3Schema.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"',
    ],
    [
      'lists items by a key that may be missing',
      {
        type: 'object',
        properties: {
          a: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['k'],
            items: { type: 'object', properties: { k: { type: 'string' } } },
          },
        },
      },
      'spec.validation.openAPIV3Schema.properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ],
    [
      'restricts metadata',
      { type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } },
      'spec.validation.openAPIV3Schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
    [
      'has a pattern that is none',
      { type: 'object', properties: { a: { type: 'string', pattern: '[' } } },
      'spec.validation.openAPIV3Schema.properties[a].pattern: Invalid value: "[": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ]: `[`',
    ],
  ])('%s', async (_what, schema, message) => {
    const answer = await requests.post(CRDS, crd({ plural: 'wrongs', kind: 'Wrong', schema }));
    expect(answer.code).toBe(422);
    expect(messages(answer)).toContain(message);
  });

  it('has the name of another group, no storage version, or a group without a dot', async () => {
    const object = crd({ plural: 'wrongs', kind: 'Wrong' });
    const misnamed = await requests.post(CRDS, { ...object, metadata: { name: 'other.example.com' } });
    expect(messages(misnamed)).toContain(
      'metadata.name: Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group',
    );
    const unstored = await requests.post(CRDS, crd({ plural: 'wrongs', kind: 'Wrong', version: { storage: false } }));
    expect(unstored.body.message).toContain('must have exactly one version marked as storage version');
    const dotless = await requests.post(CRDS, crd({ group: 'nodot', plural: 'wrongs', kind: 'Wrong' }));
    expect(messages(dotless)).toContain('spec.group: Invalid value: "nodot": should be a domain with at least one dot');
    const protectedGroup = await requests.post(CRDS, crd({ group: 'x.k8s.io', plural: 'wrongs', kind: 'Wrong' }));
    expect(messages(protectedGroup)[0]).toMatch(
      /^metadata.annotations\[api-approved.kubernetes.io\]: Required value: protected groups must have approval annotation/,
    );
  });

  it('has rules that do not compile or may cost too much', async () => {
    const rules = (...texts: string[]) => texts.map((rule) => ({ rule }));
    const schema = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: { list: { type: 'array', items: { type: 'string' } }, count: { type: 'integer' } },
          'x-kubernetes-validations': rules(
            'self.nope > 1',
            'self.count',
            'self.list.all(x, self.list.all(y, x == y))',
          ),
        },
      },
    };
    const answer = await requests.post(CRDS, crd({ plural: 'wrongs', kind: 'Wrong', schema }));
    const [undefinedField, notBool, expensive] = messages(answer);
    expect(undefinedField).toContain('.rule: Invalid value: ');
    expect(undefinedField).toContain(
      "compilation failed: ERROR: <input>:1:5: undefined field 'nope'\n | self.nope > 1\n | ....^",
    );
    expect(notBool).toContain('cel expression must evaluate to a bool');
    expect(expensive).toContain('Forbidden: estimated rule cost exceeds budget by factor of more than 100x');
  });
});
