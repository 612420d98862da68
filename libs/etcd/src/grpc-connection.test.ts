import { once } from 'node:events';
import { constants } from 'node:http2';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { EtcdClientClosed, EtcdError, EtcdUnavailable } from './errors.ts';
import { createEtcdClient } from './etcd-client.ts';
import { GrpcConnection } from './grpc-connection.ts';
import { GrpcTestServer, respond, respondWith, type GrpcAnswer } from './test-server/grpc-test-server.ts';
import { frameMessage } from './wire/grpc-frame.ts';
import { ProtobufWriter } from './wire/protobuf-writer.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(answer: GrpcAnswer): Promise<{ server: GrpcTestServer; connection: GrpcConnection }> {
  const server = await GrpcTestServer.start(answer);
  const connection = new GrpcConnection(server.endpoint, undefined);
  cleanups.push(
    () => server.close(),
    () => connection.close(),
  );
  return { server, connection };
}

const call = (connection: GrpcConnection, timeoutMs = 10_000) =>
  connection.unary('/it', '', Buffer.from('?'), timeoutMs);
const MESSAGE = Buffer.from('an answer of some length');

describe('a call', () => {
  it('understands its answer however it is cut into frames', async () => {
    const { server, connection } = await connect(respondWith(MESSAGE));
    const cuts = fc.array(fc.integer({ min: 0, max: MESSAGE.length + 5 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const whole = frameMessage(MESSAGE);
        const ordered = [0, ...places.sort((a, b) => a - b), whole.length];
        const pieces = ordered.slice(1).map((end, index) => whole.subarray(ordered[index], end));
        server.answer = (stream) => respond(stream, pieces);
        expect(await call(connection)).toEqual(MESSAGE);
      }),
      { numRuns: 30 },
    );
    expect(server.connections).toBe(1);
  });

  it('takes an answer far larger than any window', async () => {
    const large = Buffer.alloc(100 << 20, 7);
    const { connection } = await connect(respondWith(large));
    expect((await call(connection)).equals(large)).toBe(true);
  });

  it.each<[string, GrpcAnswer, { sent?: boolean; message: RegExp }]>([
    [
      'is cut before its status',
      (stream) => respond(stream, [frameMessage(MESSAGE)], {}),
      { sent: true, message: /lost/ },
    ],
    [
      'comes in half',
      (stream) => respond(stream, [frameMessage(MESSAGE).subarray(0, 9)]),
      { sent: true, message: /lost/ },
    ],
    [
      'is compressed',
      (stream) => respond(stream, [Buffer.from([1, 0, 0, 0, 0])]),
      { sent: true, message: /compressed/ },
    ],
    ['is reset', (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), { sent: true, message: /lost/ }],
    ['is refused', (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM), { sent: false, message: /lost/ }],
    ['is broken off', (_stream, session) => session.destroy(), { sent: true, message: /lost/ }],
    [
      'is of a proxy',
      (stream) => stream.respond({ ':status': 502 }, { endStream: true }),
      { sent: true, message: /502/ },
    ],
  ])('fails as unavailable when its answer %s, and the next one succeeds', async (_what, answer, { sent, message }) => {
    const { server, connection } = await connect(answer);
    const failure = await call(connection).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EtcdUnavailable);
    expect(failure).toMatchObject({ sent, message: expect.stringMatching(message) });
    server.answer = respondWith(MESSAGE);
    expect(await call(connection)).toEqual(MESSAGE);
  });

  it('ends at its deadline, and leaves the connection to others', async () => {
    const { server, connection } = await connect(() => {});
    await expect(call(connection, 100)).rejects.toMatchObject({ name: 'EtcdUnavailable', sent: true });
    server.answer = respondWith(MESSAGE);
    expect(await call(connection)).toEqual(MESSAGE);
    expect(server.connections).toBe(1);
  });

  it('under way finishes after GOAWAY, and the next one takes a new connection', async () => {
    const { server, connection } = await connect((stream, session) => {
      session.goaway(constants.NGHTTP2_NO_ERROR);
      setImmediate(() => respond(stream, [frameMessage(MESSAGE)]));
    });
    expect(await call(connection)).toEqual(MESSAGE);
    server.answer = respondWith(MESSAGE);
    expect(await call(connection)).toEqual(MESSAGE);
    expect(server.connections).toBe(2);
  });

  it('notices a member that took the connection and never says anything', { timeout: 30_000 }, async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const connection = new GrpcConnection(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`, undefined);
    await expect(call(connection, 60_000)).rejects.toThrow('no answer to keepalive');
    connection.close();
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });

  it('was surely not sent when there is no such host', async () => {
    const connection = new GrpcConnection('http://no-such-host.invalid:2379', undefined);
    await expect(call(connection)).rejects.toMatchObject({ name: 'EtcdUnavailable', sent: false });
    connection.close();
  });

  it('asks for the certificates of the moment at every connection', async () => {
    const server = await GrpcTestServer.start((_stream, session) => session.destroy());
    let asked = 0;
    const connection = new GrpcConnection(server.endpoint, () => ({ ca: Buffer.from(String(asked++)) }));
    for (const _time of [1, 2, 3]) await call(connection).catch(() => {});
    expect(asked).toBe(3);
    connection.close();
    await server.close();
  });
});

describe('the client on such a connection', () => {
  const RANGE = new ProtobufWriter()
    .message(1, new ProtobufWriter().integer(3, 77))
    .message(2, new ProtobufWriter().text(1, '/a').integer(2, 5).integer(3, 6).text(5, 'value'))
    .integer(4, 1)
    .finish();

  it('survives any bytes: it answers, or fails as itself', async () => {
    const server = await GrpcTestServer.start(respondWith(RANGE));
    const etcd = createEtcdClient({ endpoints: [server.endpoint], retryMs: 0 });
    cleanups.push(
      () => server.close(),
      () => etcd.close(),
    );
    expect(await etcd.kv.get('/a')).toMatchObject({ kv: { key: '/a', modRevision: 6 }, revision: 77 });
    const changes = fc.array(fc.tuple(fc.nat(RANGE.length + 4), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(RANGE.length + 5), async (bytes, length) => {
        const broken = Buffer.from(frameMessage(RANGE));
        for (const [place, byte] of bytes) broken[place] = byte;
        server.answer = (stream) => respond(stream, [broken.subarray(0, length)]);
        const outcomes = await Promise.allSettled([
          etcd.kv.get('/a'),
          etcd.kv.put({ key: '/a', value: Buffer.from('x'), expectedModRevision: 0 }),
        ]);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(EtcdError);
        }
      }),
      { numRuns: 150 },
    );
    server.answer = respondWith(RANGE);
    expect((await etcd.kv.get('/a')).revision).toBe(77);
  });

  it('opens a watch again after any bytes, at the same place', async () => {
    const created = new ProtobufWriter().message(1, new ProtobufWriter().integer(3, 8)).boolean(3, true).finish();
    let broken = 3;
    const server = await GrpcTestServer.start((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(broken-- > 0 ? Buffer.from([0, 0, 0, 0, 2, 0x0b, 0xff]) : frameMessage(created));
    });
    const etcd = createEtcdClient({ endpoints: [server.endpoint] });
    cleanups.push(
      () => server.close(),
      () => etcd.close(),
    );
    const failures: string[] = [];
    const opened = await new Promise<number>((resolve) => {
      const watch = etcd.watch(
        { key: '/a', startRevision: 1 },
        {
          opened: resolve,
          interrupted: (error) => failures.push(error.message),
          events: () => {},
          compacted: () => {},
        },
      );
      cleanups.push(() => watch.close());
    });
    expect(opened).toBe(8);
    expect(failures).toEqual(Array(3).fill(expect.stringContaining('unreadable answer')));
  });

  it('goes on at another member when it is told that its watch stands still', async () => {
    const created = new ProtobufWriter().message(1, new ProtobufWriter().integer(3, 8)).boolean(3, true).finish();
    const open: GrpcAnswer = (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(frameMessage(created));
    };
    const members = [await GrpcTestServer.start(open), await GrpcTestServer.start(open)];
    const etcd = createEtcdClient({ endpoints: members.map(({ endpoint }) => endpoint) });
    cleanups.push(() => etcd.close(), ...members.map((member) => () => member.close()));
    let openings = 0;
    await new Promise<void>((resolve) => {
      const watch = etcd.watch(
        { key: '/a', startRevision: 1 },
        {
          opened: () => (++openings === 1 ? watch.moveOn(new Error('stuck')) : resolve()),
          events: () => {},
          compacted: () => {},
        },
      );
      cleanups.push(() => watch.close());
    });
    expect(members.map(({ asked }) => asked.length)).toEqual([1, 1]);
  });

  it('does nothing any more once it is closed, and says so at once', async () => {
    const server = await GrpcTestServer.start(respondWith(RANGE));
    cleanups.push(() => server.close());
    const etcd = createEtcdClient({ endpoints: [server.endpoint], retryMs: 60_000 });
    await etcd.kv.get('/a');
    etcd.close();
    await expect(etcd.kv.get('/a')).rejects.toThrow(EtcdClientClosed);
    await expect(etcd.maintenance.alarms()).rejects.toThrow(EtcdClientClosed);
    await expect(etcd.kv.put({ key: '/a', value: MESSAGE, expectedModRevision: 0 })).rejects.toThrow(EtcdClientClosed);
    expect(server.connections).toBe(1);
  });
});
