import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { requestsOf, type Requests } from './apiserver-requests.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const X = `${CONFIG_MAPS}/x`;
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

let server: RunningApiserver;
let requests: Requests;
let uid: string;

beforeAll(async () => {
  server = await startApiserver();
  requests = requestsOf(server);
  const { body } = await requests.post(CONFIG_MAPS, { metadata: { name: 'x' } });
  uid = body.metadata.uid;
});

afterAll(async () => {
  requests?.close();
  await server?.stop();
});

it.each([
  '/nothing',
  '/apis/nothing.example.com',
  '/apis/nothing.example.com/v1',
  '/apis/nothing.example.com/v1/things',
  '/metrics/nothing',
])('GET %s is 404 in plain text: nothing is served below it', async (path) => {
  const { code, headers, text } = await requests.get(path);
  expect({ code, type: headers['content-type'], text }).toEqual({
    code: 404,
    type: 'text/plain; charset=utf-8',
    text: '404 page not found\n',
  });
});

it.each([
  '/api/v2',
  '/api/v2/pods',
  '/apis/apps/v2',
  '/apis/apps/v2/deployments',
  '/api/v1/nothings',
  '/api/v1/namespaces/default/pods/a/nothing',
  '/api/v1/namespaces/default/pods/a/status/c',
])('GET %s is a Status 404: its group is served', async (path) => {
  const { body } = await requests.get(path);
  expect(body).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server could not find the requested resource',
    reason: 'NotFound',
    details: {},
    code: 404,
  });
});

it.each([CONFIG_MAPS, X, '/api/v1/namespaces/default/pods/x/status', '/apis', '/api/v1'])(
  'HEAD %s is 405: upstream routes none',
  async (path) => {
    expect((await requests.send('HEAD', path)).code).toBe(405);
  },
);

it.each([
  ['PUT', CONFIG_MAPS],
  ['PATCH', CONFIG_MAPS],
  ['POST', X],
  ['POST', '/api/v1/configmaps'],
  ['DELETE', '/api/v1/configmaps'],
  ['OPTIONS', CONFIG_MAPS],
  ['POST', '/api'],
  ['DELETE', '/apis/apps/v1'],
  ['DELETE', '/api/v1/namespaces/default/pods/x/status'],
  ['GET', '/apis/authentication.k8s.io/v1/tokenreviews'],
])('%s %s is 405', async (method, path) => {
  const { body } = await requests.send(method, path, { body: '{}' });
  expect(body).toMatchObject({
    message: 'the server does not allow this method on the requested resource',
    reason: 'MethodNotAllowed',
    details: {},
    code: 405,
  });
});

const AVAILABLE = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const WATCHES = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

it.each([
  [CONFIG_MAPS, 'text/html', `406: Not Acceptable\n\nAvailable representations: ${AVAILABLE}, ${WATCHES}`],
  [X, 'application/*', `406: Not Acceptable\n\nAvailable representations: ${AVAILABLE}`],
])('Accept of %s: %s is refused by the router', async (path, accept, message) => {
  const { body } = await requests.get(path, { accept });
  expect(body).toMatchObject({ reason: 'NotAcceptable', details: {}, code: 406, message });
});

it('an Accept that asks for what there is not is refused by the handler', async () => {
  const { body } = await requests.get(X, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v2' });
  expect(body).toMatchObject({
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: ${AVAILABLE}`,
  });
  expect(body.details).toBeUndefined();
});

it.each([
  [
    CONFIG_MAPS,
    'PartialObjectMetadata',
    'PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
  ],
  [
    X,
    'PartialObjectMetadataList',
    'PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)',
  ],
])('%s as %s is refused by what it is', async (path, kind, why) => {
  const { body } = await requests.get(path, { accept: `application/json;as=${kind};g=meta.k8s.io;v=v1` });
  expect(body).toMatchObject({ code: 406, reason: 'NotAcceptable', message: `you requested ${why}` });
});

it('a table of what rows cannot include is 400', async () => {
  const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  const { body } = await requests.get(`${CONFIG_MAPS}?includeObject=All`, { accept });
  expect(body.message).toBe(
    `Unable to convert to Table as requested: includeObject: Invalid value: "All": must be 'Metadata', 'Object', 'None', or empty`,
  );
});

it('a patch of no known type is 415', async () => {
  const { body } = await requests.send('PATCH', X, { body: '{}', headers: { 'content-type': 'application/json' } });
  expect(body).toMatchObject({
    message: '415: Unsupported Media Type',
    reason: 'UnsupportedMediaType',
    details: {},
    code: 415,
  });
});

type Row = readonly [what: string, method: string, path: string, body: unknown, code: number, message: string];

const MERGE = { 'content-type': 'application/merge-patch+json' };
const MANAGER = 'm'.repeat(129);
const optionsInvalid = (kind: string, why: string) => `${kind}.meta.k8s.io "" is invalid: ${why}`;

/** `UID` stands for the uid of the object. */
const WRITES: readonly Row[] = [
  [
    'PUT without a name',
    'PUT',
    X,
    { metadata: {} },
    400,
    'the name of the object (x based on URL) was undeterminable: name must be provided',
  ],
  [
    'PUT of another name',
    'PUT',
    X,
    { metadata: { name: 'z' } },
    400,
    'the name of the object (z) does not match the name on the URL (x)',
  ],
  [
    'PUT of another namespace',
    'PUT',
    X,
    { metadata: { name: 'x', namespace: 'z' } },
    400,
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'POST of another namespace',
    'POST',
    CONFIG_MAPS,
    { metadata: { name: 'y', namespace: 'z' } },
    400,
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'PATCH to another name',
    'PATCH',
    X,
    { metadata: { name: 'z' } },
    400,
    'the name of the object (z) does not match the name on the URL (x)',
  ],
  [
    'PATCH to another namespace',
    'PATCH',
    X,
    { metadata: { namespace: 'z' } },
    400,
    'the namespace of the object (z) does not match the namespace on the request (default)',
  ],
  [
    'PUT of another uid',
    'PUT',
    X,
    { metadata: { name: 'x', uid: 'abc' } },
    409,
    'Operation cannot be fulfilled on configmaps "x": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/x, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: abc, UID in object meta: UID',
  ],
  [
    'PUT of an object that is gone, with its uid',
    'PUT',
    `${CONFIG_MAPS}/gone`,
    { metadata: { name: 'gone', uid: 'abc' } },
    409,
    'Operation cannot be fulfilled on configmaps "gone": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/gone, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: abc, UID in object meta: ',
  ],
  [
    'PUT of an object that is not there',
    'PUT',
    `${CONFIG_MAPS}/gone`,
    { metadata: { name: 'gone' } },
    404,
    'configmaps "gone" not found',
  ],
  [
    'PUT that would create, with a uid',
    'PUT',
    `${LEASES}/gone`,
    { metadata: { name: 'gone', uid: 'abc' }, spec: {} },
    409,
    'Operation cannot be fulfilled on leases.coordination.k8s.io "gone": StorageError: invalid object, Code: 4, Key: /registry/leases/default/gone, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: abc, UID in object meta: ',
  ],
  [
    'PATCH of the uid',
    'PATCH',
    X,
    { metadata: { uid: 'abc' } },
    422,
    'ConfigMap "x" is invalid: metadata.uid: Invalid value: "abc": field is immutable',
  ],
  [
    'PUT of a deletion timestamp',
    'PUT',
    X,
    { metadata: { name: 'x', deletionTimestamp: '2026-01-01T00:00:00Z' } },
    422,
    'ConfigMap "x" is invalid: metadata.deletionTimestamp: Invalid value: "2026-01-01T00:00:00Z": field is immutable',
  ],
  [
    'PUT of an old version',
    'PUT',
    X,
    { metadata: { name: 'x', resourceVersion: '1' } },
    409,
    'Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply your changes to the latest version and try again',
  ],
  [
    'POST with a version',
    'POST',
    CONFIG_MAPS,
    { metadata: { name: 'y', resourceVersion: '5' } },
    400,
    'resourceVersion should not be set on objects to be created',
  ],
  ['POST of what is there', 'POST', CONFIG_MAPS, { metadata: { name: 'x' } }, 409, 'configmaps "x" already exists'],
  [
    'POST of what is there, by a name that could have been generated',
    'POST',
    CONFIG_MAPS,
    { metadata: { name: 'x', generateName: 'y' } },
    409,
    'configmaps "x" already exists, the server was not able to generate a unique name for the object',
  ],
  [
    'PUT of a version that is none',
    'PUT',
    X,
    { metadata: { name: 'x', resourceVersion: 'abc' } },
    400,
    'strconv.ParseUint: parsing "abc": invalid syntax',
  ],
  [
    'DELETE of another uid',
    'DELETE',
    X,
    { preconditions: { uid: 'abc' } },
    409,
    'Operation cannot be fulfilled on ConfigMap "x": the UID in the precondition (abc) does not match the UID in record (UID). The object might have been deleted and then recreated',
  ],
  [
    'DELETE with two policies',
    'DELETE',
    X,
    { propagationPolicy: 'Orphan', orphanDependents: true },
    422,
    optionsInvalid(
      'DeleteOptions',
      'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
    ),
  ],
  [
    'DELETE with an unknown policy',
    'DELETE',
    `${X}?propagationPolicy=foo`,
    undefined,
    422,
    optionsInvalid(
      'DeleteOptions',
      'propagationPolicy: Unsupported value: "foo": supported values: "Foreground", "Background", "Orphan", "nil"',
    ),
  ],
  [
    'DELETE with an unknown dry run',
    'DELETE',
    `${X}?dryRun=foo`,
    undefined,
    422,
    optionsInvalid('DeleteOptions', 'dryRun: Unsupported value: ["foo"]: supported values: "All"'),
  ],
  [
    'DELETE with a grace period that is no number',
    'DELETE',
    `${X}?gracePeriodSeconds=abc`,
    undefined,
    400,
    'strconv.ParseInt: parsing "abc": invalid syntax',
  ],
  [
    'an unknown dry run',
    'POST',
    `${CONFIG_MAPS}?dryRun=foo`,
    {},
    422,
    optionsInvalid('CreateOptions', 'dryRun: Unsupported value: ["foo"]: supported values: "All"'),
  ],
  [
    'an unknown field validation',
    'POST',
    `${CONFIG_MAPS}?fieldValidation=Foo`,
    {},
    422,
    optionsInvalid(
      'CreateOptions',
      'fieldValidation: Unsupported value: "Foo": supported values: "", "Ignore", "Strict", "Warn"',
    ),
  ],
  [
    'a field manager that is too long',
    'POST',
    `${CONFIG_MAPS}?fieldManager=${MANAGER}`,
    {},
    422,
    optionsInvalid('CreateOptions', 'fieldManager: Too long: may not be more than 128 bytes'),
  ],
  [
    'a field manager that cannot be printed',
    'PUT',
    `${X}?fieldManager=a%01b`,
    {},
    422,
    optionsInvalid('UpdateOptions', 'fieldManager: Invalid value: "a\\x01b": invalid character U+0001 (at position 1)'),
  ],
  [
    'force without apply',
    'PATCH',
    `${X}?force=true`,
    {},
    422,
    optionsInvalid('PatchOptions', 'force: Forbidden: may not be specified for non-apply patch'),
  ],
];

it.each(WRITES)('%s is refused', async (_what, method, path, body, code, message) => {
  const headers = method === 'PATCH' ? { headers: MERGE } : {};
  const answer = await requests.send(method, path, { ...(body === undefined ? {} : { body }), ...headers });
  expect({ code: answer.code, message: answer.body.message }).toEqual({
    code,
    message: message.replace(/UID$|(?<=\()UID(?=\)\.)/, uid),
  });
});

it('an apply must say who applies', async () => {
  const { body } = await requests.patch(X, 'apply', '{}');
  expect(body.message).toBe(
    optionsInvalid('PatchOptions', 'fieldManager: Required value: is required for apply patch'),
  );
});

/** Path, query, and the message of a 400 or 422. */
const READS: readonly (readonly [string, number, string])[] = [
  [`${CONFIG_MAPS}?limit=x`, 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  [`${CONFIG_MAPS}?timeoutSeconds=abc`, 400, 'strconv.ParseInt: parsing "abc": invalid syntax'],
  [`${CONFIG_MAPS}?limit=`, 400, 'strconv.ParseInt: parsing "": invalid syntax'],
  [`${CONFIG_MAPS}?limit=1e3`, 400, 'strconv.ParseInt: parsing "1e3": invalid syntax'],
  [
    `${CONFIG_MAPS}?limit=9223372036854775808`,
    400,
    'strconv.ParseInt: parsing "9223372036854775808": value out of range',
  ],
  [
    `${CONFIG_MAPS}?continue=abc`,
    400,
    "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value",
  ],
  [
    `${CONFIG_MAPS}?continue=ab!d`,
    400,
    'invalid continue token: continue key is not valid: illegal base64 data at input byte 2',
  ],
  [
    `${CONFIG_MAPS}?fieldSelector=foo%3Dbar`,
    400,
    '"foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
  ['/api/v1/pods?fieldSelector=foo%3Dbar', 400, 'field label not supported: foo'],
  ['/apis/batch/v1/jobs?fieldSelector=foo%3Dbar', 400, 'field label "foo" not supported for batchv1.Job'],
  [`${CONFIG_MAPS}?fieldSelector=foo`, 400, "invalid selector: 'foo'; can't understand 'foo'"],
  [`${CONFIG_MAPS}?labelSelector=a%20in%20b`, 400, "unable to parse requirement: found 'b' expected: '('"],
  [
    `${CONFIG_MAPS}?sendInitialEvents=true`,
    422,
    optionsInvalid('ListOptions', 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'),
  ],
  [
    `${CONFIG_MAPS}?watch=true&sendInitialEvents=true`,
    422,
    optionsInvalid(
      'ListOptions',
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ),
  ],
  [
    `${CONFIG_MAPS}?watch=true&resourceVersionMatch=NotOlderThan`,
    422,
    optionsInvalid(
      'ListOptions',
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ),
  ],
  [
    `${CONFIG_MAPS}?resourceVersionMatch=Exact&resourceVersion=0`,
    422,
    optionsInvalid(
      'ListOptions',
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ),
  ],
];

it('a watch of one object is not of another', async () => {
  const { body } = await requests.get(
    '/api/v1/watch/namespaces/default/configmaps/x?fieldSelector=metadata.name%3Dy&timeoutSeconds=1',
  );
  expect(body).toMatchObject({ code: 400, message: "fieldSelector metadata.name doesn't match requested name" });
});

it.each([CONFIG_MAPS, X, `${CONFIG_MAPS}?watch=1`])('GET %s of a resource version that is none', async (path) => {
  const answer = await requests.get(`${path}${path.includes('?') ? '&' : '?'}resourceVersion=abc`);
  expect(answer.body).toEqual({
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'BadRequest', code: 400 },
    message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  });
});

it('several values that do not go together are said at once', async () => {
  const { body } = await requests.get(`${CONFIG_MAPS}?resourceVersionMatch=Newest&sendInitialEvents=1&continue=x`);
  expect(body.details).toEqual({
    group: 'meta.k8s.io',
    kind: 'ListOptions',
    causes: [
      ['FieldValueForbidden', 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'],
      ['FieldValueForbidden', 'Forbidden: resourceVersionMatch is forbidden when continue is provided'],
      ['FieldValueNotSupported', 'Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""'],
      ['FieldValueForbidden', 'Forbidden: sendInitialEvents is forbidden for list'],
    ].map(([reason, message], at) => ({
      reason,
      message,
      field: at === 3 ? 'sendInitialEvents' : 'resourceVersionMatch',
    })),
  });
});

it.each([
  ['{', "couldn't get version/kind; json parse error: unexpected end of JSON input"],
  [
    '{"gracePeriodSeconds":"1"}',
    'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
  ],
])('DELETE with the options %s is refused', async (options, message) => {
  const { body } = await requests.send('DELETE', X, { body: options });
  expect(body).toEqual({
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'BadRequest', code: 400 },
    message,
  });
});

it.each(READS)('GET %s is %i', async (path, code, message) => {
  const answer = await requests.get(path);
  expect({ code: answer.code, message: answer.body.message }).toEqual({ code, message });
});
