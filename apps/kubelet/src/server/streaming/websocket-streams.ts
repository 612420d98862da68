import type { WebSocket } from 'ws';
import { bytesOf } from '../../runtime/shell/byte-text.ts';
import { outcomeStatus, outcomeText } from './remote-streams.ts';
import type { ExpectedStreams, Outcome, RemoteStreams } from './remote-streams.ts';

/** Subprotocols of remotecommand over WebSocket, the preferred first. */
export const CHANNEL_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
];

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

const EMPTY = Buffer.alloc(0);

/**
 * Remotecommand over one WebSocket: the first byte of each message is its channel (a digit, with the rest in base64,
 * in the base64 protocols). Version 5 can also end standard input, with a message on channel 255. KEP-4006.
 */
export class WebSocketStreams implements RemoteStreams {
  onInput: (chunk: Buffer) => void = () => undefined;
  onInputEnd: () => void = () => undefined;
  onClose: () => void = () => undefined;
  readonly #socket: WebSocket;
  readonly #base64: boolean;
  readonly #structured: boolean;
  #finished = false;

  constructor(socket: WebSocket, expected: ExpectedStreams) {
    this.#socket = socket;
    this.#base64 = socket.protocol.includes('base64');
    this.#structured = /^v[45]\./.test(socket.protocol);
    socket.on('message', (data: Buffer) => this.#receive(data));
    socket.on('close', () => this.onClose());
    socket.on('error', () => socket.terminate());
    // As upstream does, one empty message on the first channel that is written to says that the connection stands. Not on
    // each: to the official Java client anything on the error channel is the end.
    this.#send(expected.stdout ? CHANNEL.stdout : expected.stderr ? CHANNEL.stderr : CHANNEL.error, EMPTY);
  }

  write(stream: 'stdout' | 'stderr', text: string): void {
    if (text !== '') this.#send(CHANNEL[stream], bytesOf(text));
  }

  finish(outcome: Outcome): void {
    if (this.#finished) return;
    this.#finished = true;
    const text = this.#structured ? JSON.stringify(outcomeStatus(outcome)) : outcomeText(outcome);
    if (text !== '') this.#send(CHANNEL.error, Buffer.from(text));
    this.#socket.close(1000);
  }

  #receive(data: Buffer): void {
    if (data.length === 0) return;
    const channel = this.#base64 ? data[0]! - 0x30 : data[0]!;
    const body = this.#base64 ? Buffer.from(data.subarray(1).toString(), 'base64') : data.subarray(1);
    if (channel === CHANNEL.stdin) this.onInput(body);
    else if (channel === CHANNEL.close && body[0] === CHANNEL.stdin) this.onInputEnd();
  }

  #send(channel: number, body: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#base64) this.#socket.send(`${channel}${body.toString('base64')}`);
    else this.#socket.send(Buffer.concat([Buffer.from([channel]), body]));
  }
}
