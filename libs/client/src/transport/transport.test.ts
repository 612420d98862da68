import { once } from 'node:events';
import { createServer } from 'node:http';
import { constants } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { makeServerCertificate } from '../test-server/certificates.ts';
import { Http2TestServer, type TestRequest } from '../test-server/http2-test-server.ts';
import { createTransport } from './create-transport.ts';
import { readBody, TransportError, type Transport } from './transport.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(handle: (request: TestRequest) => void, options: { maxConcurrentStreams?: number } = {}) {
  const server = await Http2TestServer.start(handle, options);
  const transport = createTransport(new URL(server.url), { ca: server.ca });
  cleanups.push(
    () => server.close(),
    () => transport.close(),
  );
  return { server, transport };
}

async function get(transport: Transport, path: string, signal?: AbortSignal): Promise<string> {
  const response = await transport.send({ method: 'GET', path, headers: {}, signal });
  return (await readBody(response)).toString();
}

async function failureOf(promise: Promise<unknown>): Promise<TransportError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
}

it('does not wait for a body whose connection is gone already', async () => {
  const body = new PassThrough();
  body.write('half');
  body.destroy();
  await once(body, 'close');
  const failure = await failureOf(readBody({ status: 200, headers: {}, body, isComplete: () => false }));
  expect(failure.message).toContain('broke off');
});

describe('HTTP/2 transport', () => {
  it('shares one connection among concurrent requests', async () => {
    const { server, transport } = await connect((request) => request.reply(200, request.path));
    const bodies = await Promise.all(Array.from({ length: 50 }, (_, i) => get(transport, `/${i}`)));
    expect(bodies).toEqual(Array.from({ length: 50 }, (_, i) => `/${i}`));
    expect(server.sessions).toHaveLength(1);
  });

  it('sends the body and its headers', async () => {
    const { server, transport } = await connect((request) => request.reply(201, request.body));
    const body = Buffer.alloc(300_000, 'x');
    const response = await transport.send({
      method: 'POST',
      path: '/a',
      headers: { 'content-type': 'text/plain' },
      body,
    });
    expect(response.status).toBe(201);
    expect((await readBody(response)).equals(body)).toBe(true);
    expect(server.requests[0]!.headers['content-type']).toBe('text/plain');
  });

  it('opens another connection when the first has no stream left, so that watches cannot starve requests', async () => {
    const { server, transport } = await connect(
      (request) => {
        if (request.path === '/watch') request.stream.respond({ ':status': 200 });
        else request.reply(200, 'done');
      },
      { maxConcurrentStreams: 4 },
    );
    const watches = await Promise.all(
      Array.from({ length: 10 }, () => transport.send({ method: 'GET', path: '/watch', headers: {} })),
    );
    expect(await get(transport, '/x')).toBe('done');
    expect(server.sessions.length).toBeGreaterThanOrEqual(3);
    for (const watch of watches) watch.body.destroy();
  });

  it('connects again after the connection was cut', async () => {
    const { server, transport } = await connect((request) => {
      if (request.path === '/cut') request.session.destroy();
      else request.reply(200, 'ok');
    });
    expect(await get(transport, '/a')).toBe('ok');
    const error = await failureOf(get(transport, '/cut'));
    expect(error.mayHaveBeenProcessed).toBe(true);
    expect(await get(transport, '/b')).toBe('ok');
    expect(server.sessions).toHaveLength(2);
  });

  it('lets running streams end after GOAWAY and sends new requests elsewhere', async () => {
    const { server, transport } = await connect((request) => {
      if (request.path !== '/slow') return request.reply(200, 'new');
      request.session.goaway(constants.NGHTTP2_NO_ERROR, request.stream.id);
      request.stream.respond({ ':status': 200 });
    });
    const slow = await transport.send({ method: 'GET', path: '/slow', headers: {} });
    expect(await get(transport, '/next')).toBe('new');
    expect(server.sessions).toHaveLength(2);
    server.requests[0]!.stream.end('finished');
    expect((await readBody(slow)).toString()).toBe('finished');
  });

  it('notices a peer that is there no more although nothing says so', async () => {
    const server = await Http2TestServer.start((request) => request.stream.respond({ ':status': 200 }));
    // A relay that one day just stops carrying bytes, as a machine without power does.
    const relay = createTcpServer((client) => {
      const upstream = connectTcp(Number(new URL(server.url).port), '127.0.0.1');
      client.on('data', (chunk) => silent || upstream.write(chunk));
      upstream.on('data', (chunk) => silent || client.write(chunk));
      client.on('error', () => {});
      client.on('close', () => upstream.destroy());
      upstream.on('error', () => {});
    });
    let silent = false;
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const url = new URL(`https://127.0.0.1:${(relay.address() as AddressInfo).port}`);
    const transport = createTransport(url, { ca: server.ca }, { readIdleMs: 20, pingMs: 20 });
    cleanups.push(
      () => server.close(),
      () => relay.close(),
      () => transport.close(),
    );
    const watch = await transport.send({ method: 'GET', path: '/watch', headers: {} });
    const reading = readBody(watch);
    for (let pings = 0; pings < 3; pings++) await new Promise((resolve) => server.sessions[0]!.once('ping', resolve));
    expect(watch.body.destroyed).toBe(false);
    silent = true;
    await expect(reading).rejects.toThrow('no answer to a ping');
  });

  it('says that a refused stream was not processed', async () => {
    const { transport } = await connect((request) => request.stream.close(constants.NGHTTP2_REFUSED_STREAM));
    expect((await failureOf(get(transport, '/a'))).mayHaveBeenProcessed).toBe(false);
  });

  it('says that a request to a closed port was not processed', async () => {
    const { server, transport } = await connect(() => {});
    await server.close();
    const error = await failureOf(get(transport, '/a'));
    expect(error.mayHaveBeenProcessed).toBe(false);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('does not take a body that broke off for a whole one', async () => {
    const { transport } = await connect((request) => {
      request.stream.respond({ ':status': 200 });
      request.stream.write('half of', () => request.session.destroy());
    });
    expect((await failureOf(get(transport, '/a'))).message).toContain('broke off');
  });

  it('takes a body for whole when the connection goes right after it', async () => {
    const { transport } = await connect((request) => {
      request.stream.respond({ ':status': 200 });
      request.stream.end('all');
      request.session.close();
    });
    for (let i = 0; i < 20; i++) expect(await get(transport, '/a')).toBe('all');
  });

  it('rejects with the reason of an aborted signal and cancels the stream', async () => {
    const { server, transport } = await connect(() => controller.abort(new Error('enough')));
    const controller = new AbortController();
    await expect(get(transport, '/a', controller.signal)).rejects.toThrow('enough');
    const { stream } = server.requests[0]!;
    if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });

  it('ends the body of a watch with the reason when the signal aborts', async () => {
    const { transport } = await connect((request) => {
      request.stream.respond({ ':status': 200 });
      request.stream.write('first');
    });
    const controller = new AbortController();
    const { body } = await transport.send({ method: 'GET', path: '/w', headers: {}, signal: controller.signal });
    const chunks: string[] = [];
    const reading = (async () => {
      for await (const chunk of body) {
        chunks.push(String(chunk));
        controller.abort(new Error('stopped'));
      }
    })();
    await expect(reading).rejects.toThrow('stopped');
    expect(chunks).toEqual(['first']);
  });

  it('refuses a server that the authority did not sign', async () => {
    const server = await Http2TestServer.start((request) => request.reply(200));
    const transport = createTransport(new URL(server.url));
    cleanups.push(
      () => server.close(),
      () => transport.close(),
    );
    expect((await failureOf(get(transport, '/a'))).message).toContain('self-signed certificate');
  });

  it('fails what is sent after close', async () => {
    const { transport } = await connect((request) => request.reply(200));
    await get(transport, '/a');
    transport.close();
    expect((await failureOf(get(transport, '/b'))).message).toBe('the client is closed');
  });
});

describe('HTTP/1.1 transport', () => {
  it('serves servers without HTTP/2', async () => {
    const { cert, key } = await makeServerCertificate();
    const server = createHttpsServer({ cert, key }, (request, response) => response.end(`1.1 ${request.url}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const transport = createTransport(url, { ca: cert });
    cleanups.push(
      () => server.close(),
      () => transport.close(),
    );
    expect(await get(transport, '/a')).toBe('1.1 /a');
    expect(await get(transport, '/b')).toBe('1.1 /b');
  });

  it('serves plain http', async () => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => response.end(Buffer.concat(chunks)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const transport = createTransport(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    cleanups.push(
      () => server.close(),
      () => transport.close(),
    );
    const response = await transport.send({ method: 'PUT', path: '/', headers: {}, body: Buffer.from('sent') });
    expect((await readBody(response)).toString()).toBe('sent');
  });
});
