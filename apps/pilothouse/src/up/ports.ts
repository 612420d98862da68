import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import type { InternalPorts } from '../data-dir/state.ts';
import { INTERNAL_PORTS } from '../data-dir/state.ts';
import { UserError } from '../user-error.ts';

const LOOPBACK = '127.0.0.1';
/** Not among those that the system gives to connections going out (Linux: from 32768), which may take one meanwhile. */
const FIRST = 20_000;
const AFTER_LAST = 32_000;
const TRIES = 32;

/** Free ports, all different: each is held until the last is found. A remembered one is kept when it is still free. */
export async function chooseInternalPorts(remembered: InternalPorts | undefined): Promise<InternalPorts> {
  const held: Server[] = [];
  try {
    const ports: Record<string, number> = {};
    for (const name of INTERNAL_PORTS) {
      const server = (remembered && (await tryListen(remembered[name], LOOPBACK))) ?? (await tryListenAnywhere());
      if (!server) throw new UserError(`no free port is left on ${LOOPBACK}`);
      held.push(server);
      ports[name] = (server.address() as { port: number }).port;
    }
    return ports as unknown as InternalPorts;
  } finally {
    await Promise.all(held.map(close));
  }
}

/** Found out before anything is started, so that it is one line and not a component's log. */
export async function requireFreePort(port: number, host: string): Promise<void> {
  const server = await tryListen(port, host);
  if (!server) throw new UserError(`port ${port} on ${host} is already in use; choose another with --port`);
  await close(server);
}

async function tryListenAnywhere(): Promise<Server | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const server = await tryListen(randomInt(FIRST, AFTER_LAST), LOOPBACK);
    if (server) return server;
  }
  return tryListen(0, LOOPBACK);
}

async function tryListen(port: number, host: string): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(new UserError(`cannot listen on ${host}:${port}: ${error.message}`));
    });
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
