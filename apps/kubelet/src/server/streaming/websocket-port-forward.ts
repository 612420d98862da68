import type { Pod } from '@pilothouse/api';
import type { WebSocket } from 'ws';
import { HttpError } from '../http-error.ts';
import { forward, type ForwardStream, type PortListener } from './port-forward.ts';

/** Subprotocols of port-forward over a plain WebSocket, which every client but kubectl speaks. */
export const PORT_CHANNEL_PROTOCOLS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'];

/** The ports of the request, each `port` one or several with commas; upstream's refusals. */
export function requestedPorts(query: URLSearchParams): number[] {
  const given = query.getAll('port');
  if (given.length === 0) throw new HttpError(400, 'query parameter "port" is required');
  return given.flatMap((text) => {
    if (text === '') throw new HttpError(400, 'query parameter "port" cannot be empty');
    return text.split(',').map((part) => {
      const port = Number(part);
      if (!/^\d+$/.test(part) || port > 65535) throw new HttpError(400, `unable to parse "${part}" as a port`);
      if (port < 1) throw new HttpError(400, `port "${part}" must be > 0`);
      return port;
    });
  });
}

/**
 * Channel 2n carries the data of the n-th port and channel 2n + 1 its errors; each begins with the port's number, in two
 * bytes, the lower first. There is one connection for each port, and no way to end one alone.
 */
export function runWebSocketPortForward(
  pod: Pod,
  ports: readonly number[],
  listener: PortListener,
  socket: WebSocket,
): void {
  const base64 = socket.protocol.includes('base64');
  const send = (channel: number, body: Buffer): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (base64) socket.send(`${channel}${body.toString('base64')}`);
    else socket.send(Buffer.concat([Buffer.from([channel]), body]));
  };
  const channels: ForwardStream[] = [];
  let open = ports.length * 2;
  const end = (): void => {
    if (--open === 0) socket.close(1000);
  };
  socket.on('error', () => socket.terminate());
  socket.on('message', (message: Buffer) => {
    const channel = base64 ? (message[0] ?? 0) - 0x30 : (message[0] ?? 0);
    const body = base64 ? Buffer.from(message.subarray(1).toString(), 'base64') : message.subarray(1);
    if (body.length > 0) channels[channel]?.onData(body);
  });
  for (const [index, port] of ports.entries()) {
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    const pair = [index * 2, index * 2 + 1].map((channel): ForwardStream => {
      send(channel, number);
      return { onData: () => undefined, onEnd: () => undefined, write: (body) => send(channel, body), end };
    });
    channels.push(...pair);
    forward(pod, port, listener, pair[0]!, pair[1]!);
  }
}
