import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import { connect } from 'node:tls';
import { Router } from 'express';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createCertificateAuthority, createSignedCertificate, type CertificatePair } from '@pilothouse/pki';
import { createExpressApps, protocolListener } from './http/express-apps.ts';
import { SecureServer } from './server.ts';

let authority: CertificatePair;
let server: SecureServer;
let port: number;
/** Resolved to let the slow handler answer. */
let release: () => void;
let entered: Promise<void>;

const certificate = async (commonName: string) => {
  const { certPem, keyPem } = await createSignedCertificate(authority, {
    commonName,
    hosts: ['127.0.0.1'],
    usages: ['server'],
  });
  return { cert: certPem, key: keyPem };
};

beforeEach(async () => {
  authority = await createCertificateAuthority('test-ca');
  const router = Router();
  let enter: () => void;
  entered = new Promise((resolve) => (enter = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  router.get('/slow', async (_request, response) => {
    enter();
    await released;
    response.end('done');
  });
  router.get('/', (request, response) => void response.end(`HTTP/${request.httpVersionMajor}`));
  server = new SecureServer({
    bindAddress: '127.0.0.1',
    port: 0,
    tls: await certificate('first'),
    listener: protocolListener(createExpressApps(router)),
    onUpgrade: (_request, socket) => socket.destroy(),
    maxStreamsPerConnection: 100,
  });
  port = await server.listen(0, '127.0.0.1');
});

afterEach(() => server.close(Promise.resolve(), 0));

function getHttp1(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get({ host: '127.0.0.1', port, path, ca: authority.certPem, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(text));
      })
      .on('error', reject);
  });
}

async function getHttp2(path: string): Promise<string> {
  const session = http2.connect(`https://127.0.0.1:${port}`, { ca: authority.certPem });
  const stream = session.request({ ':path': path });
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(stream, 'end');
  session.close();
  return text;
}

it('speaks HTTP/1.1 and HTTP/2 on one port, through one Express router', async () => {
  expect(await getHttp1('/')).toBe('HTTP/1');
  expect(await getHttp2('/')).toBe('HTTP/2');
});

it('shows a new certificate to new connections', async () => {
  const seen = async () => {
    const socket = connect({ host: '127.0.0.1', port, ca: authority.certPem });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  };
  expect(await seen()).toBe('first');
  server.reload(await certificate('second'));
  expect(await seen()).toBe('second');
});

it.each([
  ['HTTP/1.1', getHttp1],
  ['HTTP/2', getHttp2],
])('finishes what is under way over %s before it closes', async (_protocol, get) => {
  const answer = get('/slow');
  await entered;
  let drained!: () => void;
  const closed = server.close(new Promise((resolve) => (drained = resolve)), 5_000);
  release();
  expect(await answer).toBe('done');
  drained();
  await closed;
  await expect(getHttp1('/')).rejects.toThrow('ECONNREFUSED');
});

it('cuts what does not end in time', async () => {
  const answer = getHttp1('/slow').catch((error: Error) => error.message);
  await entered;
  await server.close(new Promise(() => {}), 50);
  expect(await answer).toMatch(/socket hang up|ECONNRESET/);
});
