import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what the system gives to connections that go out (Linux: from 32768), so that none of them takes it meanwhile. */
const FIRST = 10_000;
const LAST = 31_999;

let next = randomInt(FIRST, LAST + 1);

/** A port on loopback that was free a moment ago; in one process no port twice. */
export async function freePort(): Promise<number> {
  for (let tries = LAST - FIRST; tries >= 0; tries--) {
    const port = next;
    next = port === LAST ? FIRST : port + 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${LAST} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen({ port, host: '127.0.0.1', exclusive: true }), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
