// node own-balancer.ts <listen> <backend> <backend>: TCP to whichever backend is ready, as deploy/haproxy/haproxy.cfg.
import { get } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';

const CHECK_MS = 500;
const FALL = 2;

interface Backend {
  readonly port: number;
  readonly sockets: Set<Socket>;
  failures: number;
}

const [listen = 0, ...ports] = process.argv.slice(2).map(Number);
const backends: Backend[] = ports.map((port) => ({ port, sockets: new Set(), failures: FALL }));

createServer((client) => {
  const ready = backends.filter(({ failures }) => failures < FALL);
  const backend = ready.sort((a, b) => a.sockets.size - b.sockets.size)[0];
  if (!backend) return void client.destroy();
  const server = connect(backend.port, '127.0.0.1');
  backend.sockets.add(server);
  const end = () => {
    backend.sockets.delete(server);
    client.destroy();
    server.destroy();
  };
  for (const socket of [client, server]) socket.setNoDelay(true).on('error', end).on('close', end);
  client.pipe(server).pipe(client);
}).listen(listen, '127.0.0.1');

function check(backend: Backend): void {
  const options = { port: backend.port, path: '/readyz', rejectUnauthorized: false, agent: false, timeout: 1000 };
  const judge = (good: boolean) => {
    backend.failures = good ? 0 : backend.failures + 1;
    if (backend.failures === FALL) for (const socket of backend.sockets) socket.destroy();
    setTimeout(check, CHECK_MS, backend);
  };
  const call = get(options, (answer) => {
    answer.resume();
    judge(answer.statusCode === 200);
  });
  call.on('timeout', () => call.destroy(new Error('no answer')));
  call.on('error', () => judge(false));
}
backends.forEach(check);
