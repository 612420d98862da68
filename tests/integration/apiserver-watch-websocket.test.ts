import { afterAll, beforeAll, expect, it } from 'vitest';
import https from 'node:https';
import { on, once } from 'node:events';
import { readKubeconfigFile } from '@pilothouse/pki';
import { startApiserver, type RunningApiserver } from '@pilothouse/testing';
import { WebSocket } from 'ws';
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

function open(path: string, headers: Record<string, string> = {}): WebSocket {
  const { caPem, clientCertPem, clientKeyPem } = readKubeconfigFile(server.kubeconfig());
  return new WebSocket(`wss://127.0.0.1:${server.port}${path}`, {
    ...{ ca: caPem, cert: clientCertPem, key: clientKeyPem },
    headers,
  });
}

it('tells the events of a watch as messages of a WebSocket, one each', async () => {
  const socket = open(`${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dtold`);
  const messages = on(socket, 'message');
  await once(socket, 'open');
  const next = async () => {
    const [data, isBinary] = (await messages.next()).value as [Buffer, boolean];
    expect(isBinary).toBe(false);
    const { type, object } = JSON.parse(data.toString());
    return [type, object.kind, object.data?.a];
  };
  await requests.post(CONFIG_MAPS, { metadata: { name: 'told' }, data: { a: '1' } });
  expect(await next()).toEqual(['ADDED', 'ConfigMap', '1']);
  socket.ping();
  await once(socket, 'pong');
  await requests.patch(`${CONFIG_MAPS}/told`, 'merge', { data: { a: '2' } });
  expect(await next()).toEqual(['MODIFIED', 'ConfigMap', '2']);
  await requests.delete(`${CONFIG_MAPS}/told`);
  expect(await next()).toEqual(['DELETED', 'ConfigMap', '2']);
  socket.close();
  await once(socket, 'close');
});

it('closes the WebSocket when the watch has lasted as long as was asked', async () => {
  const socket = open(`${CONFIG_MAPS}?watch=true&timeoutSeconds=1`);
  const [code] = await once(socket, 'close');
  expect(code).toBe(1000);
});

it('sends events in Protobuf as binary messages', async () => {
  await requests.post(CONFIG_MAPS, { metadata: { name: 'binary' } });
  const socket = open(`${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dbinary`, {
    accept: 'application/vnd.kubernetes.protobuf',
  });
  const [data, isBinary] = await once(socket, 'message');
  expect(isBinary).toBe(true);
  expect((data as Buffer).includes('binary')).toBe(true);
  socket.terminate();
});

it.each([
  ['a watch from an invalid version', `${CONFIG_MAPS}?watch=true&resourceVersion=x`, 400],
  ['a watch of what there is not', '/api/v1/nothings?watch=true', 404],
])('refuses %s before it speaks of WebSockets', async (_, path, code) => {
  const socket = open(path);
  const [request, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(code);
  request.destroy();
});

it('refuses a handshake without a key, and goes on', async () => {
  const { caPem, clientCertPem, clientKeyPem } = readKubeconfigFile(server.kubeconfig());
  const request = https.request(`${server.server}${CONFIG_MAPS}?watch=true`, {
    ...{ ca: caPem, cert: clientCertPem, key: clientKeyPem },
    headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
  });
  request.end();
  const [response] = await once(request, 'response');
  expect(response.statusCode).toBe(400);
  request.destroy();
  expect((await requests.get(CONFIG_MAPS)).code).toBe(200);
});
