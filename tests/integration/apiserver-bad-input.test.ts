import { connect as connectTls } from 'node:tls';
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

/** Body, media type, code and a part of the message. */
const BAD_BODIES: readonly (readonly [string, string | Buffer, string, number, string])[] = [
  [
    'no JSON',
    '{"kind":',
    'application/json',
    400,
    "couldn't get version/kind; json parse error: unexpected end of JSON input",
  ],
  ['nothing', '', 'application/json', 400, 'unexpected end of JSON input (<empty>)'],
  [
    'a list',
    '[1]',
    'application/json',
    400,
    'json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b315d)',
  ],
  [
    'a kind that is no text',
    '{"kind":1}',
    'application/json',
    400,
    'json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})',
  ],
  [
    'another kind',
    '{"kind":"Pod","apiVersion":"v1"}',
    'application/json',
    400,
    'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
  ],
  [
    'an unknown kind',
    '{"kind":"Foo","apiVersion":"v1"}',
    'application/json',
    400,
    'no kind "Foo" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  ],
  [
    'a wrong type',
    '{"metadata":{"name":"a"},"data":{"a":1}}',
    'application/json',
    400,
    'cannot unmarshal number into Go struct field ConfigMap.data',
  ],
  ['invalid UTF-8', Buffer.from('{"metadata":{"name":"a\xff"}}', 'latin1'), 'application/json', 400, 'not valid UTF-8'],
  [
    'deep nesting',
    `{"metadata":{"name":"a"},"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    'application/json',
    400,
    'exceeded max depth',
  ],
  ['no Protobuf', 'garbage', 'application/vnd.kubernetes.protobuf', 400, 'expected prefix "k8s\\x00"'],
  ['broken Protobuf', Buffer.from('k8s\0\x0a\xff\xff\xff', 'latin1'), 'application/vnd.kubernetes.protobuf', 400, ''],
  [
    'no YAML',
    'metadata: {name: y',
    'application/yaml',
    400,
    'the object provided is unrecognized (must be of type ConfigMap): yaml: ',
  ],
  [
    'more than 3 MiB',
    `{"data":{"a":"${'x'.repeat(3_200_000)}"}}`,
    'application/json',
    413,
    'Request entity too large: limit is 3145728',
  ],
  ['an unknown media type', '{}', 'text/plain', 415, 'the body of the request was in an unknown format'],
  ['a bad name', '{"metadata":{"name":"A_b"}}', 'application/json', 422, 'metadata.name: Invalid value: "A_b"'],
  ['null', 'null', 'application/json', 422, 'metadata.name: Required value: name or generateName is required'],
  ['no name', '{}', 'application/json', 422, 'metadata.name: Required value: name or generateName is required'],
];

describe('a body that is', () => {
  it.each(BAD_BODIES)('%s is refused', async (_what, body, mediaType, code, message) => {
    const answer = await requests.send('POST', CONFIG_MAPS, { body, headers: { 'content-type': mediaType } });
    expect(answer.code).toBe(code);
    expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code });
    expect(answer.body.message).toContain(message);
  });
});

describe('unknown and duplicate fields', () => {
  const body = '{"metadata":{"name":"odd"},"foo":1,"data":{"a":"b","a":"c"}}';

  it('are refused by fieldValidation=Strict', async () => {
    const answer = await requests.post(`${CONFIG_MAPS}?fieldValidation=Strict`, body);
    expect(answer.code).toBe(400);
    expect(answer.body.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "foo", duplicate field "data.a"',
    );
  });

  it('are warned of by default', async () => {
    const { code, headers } = await requests.post(`${CONFIG_MAPS}?dryRun=All`, body);
    expect(code).toBe(201);
    expect([headers['warning']].flat().join('; ')).toContain('299 - "unknown field \\"foo\\""');
  });

  it('pass in silence with fieldValidation=Ignore', async () => {
    const { headers } = await requests.post(`${CONFIG_MAPS}?dryRun=All&fieldValidation=Ignore`, body);
    expect(headers['warning']).toBeUndefined();
  });
});

it('keeps keys that are special to JavaScript as the data they are', async () => {
  const body =
    '{"metadata":{"name":"special","labels":{"constructor":"x"}},"data":{"__proto__":"a","constructor":"b","toString":"c"}}';
  const { code } = await requests.post(CONFIG_MAPS, body);
  expect(code).toBe(201);
  const { text } = await requests.get(`${CONFIG_MAPS}/special`);
  expect(text).toContain('"data":{"__proto__":"a","constructor":"b","toString":"c"}');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

/** Path and query, code, part of the message. */
const BAD_QUERIES: readonly (readonly [string, number, string])[] = [
  [`${CONFIG_MAPS}?limit=x`, 400, 'invalid syntax'],
  [`${CONFIG_MAPS}?continue=abc`, 400, 'continue'],
  [`${CONFIG_MAPS}?labelSelector=a,,b`, 400, "found ','"],
  [
    `${CONFIG_MAPS}?fieldSelector=foo%3Db`,
    400,
    '"foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
  [
    `${CONFIG_MAPS}?resourceVersionMatch=Exact`,
    422,
    'resourceVersionMatch is forbidden unless resourceVersion is provided',
  ],
  [`${CONFIG_MAPS}?timeout=abc`, 400, 'invalid timeout specified in the request URL'],
  [`${CONFIG_MAPS}/%zz`, 400, 'malformed'],
  ['/api/v1/namespaces/default/nothings', 404, 'the server could not find the requested resource'],
];

it.each(BAD_QUERIES)('GET %s is %i', async (path, code, message) => {
  const answer = await requests.get(path);
  expect(answer.code).toBe(code);
  expect(answer.body.message).toContain(message);
});

it('refuses an Accept that it cannot fulfil with 406', async () => {
  const { code, body } = await requests.get(CONFIG_MAPS, { accept: 'text/html' });
  expect(code).toBe(406);
  expect(body.reason).toBe('NotAcceptable');
});

it('survives clients that speak no HTTP or half of it', async () => {
  const closed = (text: string) =>
    new Promise<string>((resolve) => {
      const socket = connectTls({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false }, () =>
        socket.end(text),
      );
      let heard = '';
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
      socket.on('close', () => resolve(heard));
      socket.on('error', () => resolve(heard));
    });
  expect(await closed('no http at all\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
  await closed(
    'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"metadata"',
  );
  expect((await requests.get('/readyz')).text).toBe('ok');
});
