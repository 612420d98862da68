import { EventEmitter } from 'node:events';
import type { Pod } from '@pilothouse/api';
import type { WebSocket } from 'ws';
import { describe, expect, test } from 'vitest';
import { requestedPorts, runWebSocketPortForward } from './websocket-port-forward.ts';

const POD = {
  metadata: { namespace: 'default', name: 'web', uid: 'u' },
  spec: { nodeName: 'node-1', containers: [{ name: 'main', ports: [{ containerPort: 80 }] }] },
} as unknown as Pod;

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly sent: Buffer[] = [];
  closed = false;
  readonly protocol: string;

  constructor(protocol: string) {
    super();
    this.protocol = protocol;
  }

  send(data: Buffer | string): void {
    this.sent.push(Buffer.from(data as string));
  }

  close(): void {
    this.closed = true;
  }
}

function forwarding(protocol: string, ports: number[]): FakeSocket {
  const socket = new FakeSocket(protocol);
  runWebSocketPortForward(POD, ports, () => undefined, socket as unknown as WebSocket);
  return socket;
}

describe('port-forward over channels of a WebSocket', () => {
  test('tells the port on both channels, then carries the data of each port', () => {
    const socket = forwarding('v4.channel.k8s.io', [80, 80]);
    expect(socket.sent).toEqual([0, 1, 2, 3].map((channel) => Buffer.from([channel, 80, 0])));
    socket.emit('message', Buffer.from('\x02GET / HTTP/1.1\r\n\r\n'));
    expect(socket.sent.at(-1)!.toString()).toMatch(/^\x02HTTP\/1\.1 200 OK/);
  });

  test('in base64 names the channels by digits', () => {
    const socket = forwarding('v4.base64.channel.k8s.io', [80]);
    socket.emit('message', Buffer.from(`0${Buffer.from('echo').toString('base64')}`));
    expect(socket.sent.map(String)).toEqual(['0UAA=', '1UAA=', `0${Buffer.from('echo').toString('base64')}`]);
  });

  test('says on the error channel that nobody listens, and closes', () => {
    const socket = forwarding('v4.channel.k8s.io', [81]);
    expect(socket.sent.at(-1)!.toString()).toMatch(/^\x01.*dial tcp4 127\.0\.0\.1:81: connect: connection refused/);
    expect(socket.closed).toBe(true);
  });
});

describe('the ports of a request', () => {
  test('are given one by one or together', () => {
    expect(requestedPorts(new URLSearchParams('port=80,443&port=8080'))).toEqual([80, 443, 8080]);
  });

  test.each([
    ['', 'query parameter "port" is required'],
    ['port=', 'query parameter "port" cannot be empty'],
    ['port=x', 'unable to parse "x" as a port'],
    ['port=65536', 'unable to parse "65536" as a port'],
    ['port=0', 'port "0" must be > 0'],
  ])('are refused when %j', (query, message) => {
    expect(() => requestedPorts(new URLSearchParams(query))).toThrow(message);
  });
});
