import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { WebSocket, type ClientOptions } from 'ws';
import type { Tunnel } from './kubelet-location.ts';
import { joinHostPort } from './transport-error.ts';

/** Raw bytes, each message led by the number of its channel. */
const PROTOCOL = 'v4.channel.k8s.io';
const [DATA_CHANNEL, ERROR_CHANNEL] = [0, 1];
/** Each channel begins with the port's number, in two bytes. */
const PORT_BYTES = 2;

/**
 * A connection to a port of a pod, as its kubelet forwards it over a WebSocket: bytes written come out at the port, and
 * what answers there is read. It ends when the kubelet closes, and fails with what the error channel says.
 */
export class PortForwardConnection extends Duplex {
  readonly #socket: WebSocket;
  readonly #target: string;
  readonly #begun = new Set<number>();

  private constructor(socket: WebSocket, target: string) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#target = target;
    socket.on('message', (message: Buffer) => this.#receive(message));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.push(null));
  }

  /** Resolves once the kubelet has agreed; rejects with its words when it refuses. */
  static open({ kubelet, path, port, address }: Tunnel, tls: ConnectionOptions): Promise<PortForwardConnection> {
    const url = `wss://${joinHostPort(kubelet.host, kubelet.port)}${path}?port=${port}`;
    const socket = new WebSocket(url, [PROTOCOL], { ...(tls as ClientOptions), perMessageDeflate: false });
    const connection = new PortForwardConnection(socket, joinHostPort(address, port));
    return new Promise((resolve, reject) => {
      socket.once('open', () => {
        connection.off('error', reject);
        resolve(connection);
      });
      connection.once('error', reject);
      socket.once('unexpected-response', (_: unknown, response: IncomingMessage) => {
        response.toArray().then(
          (chunks) =>
            connection.destroy(
              new Error(
                Buffer.concat(chunks as Buffer[])
                  .toString()
                  .trim(),
              ),
            ),
          (error: Error) => connection.destroy(error),
        );
      });
    });
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(Buffer.concat([Buffer.from([DATA_CHANNEL]), chunk]), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.terminate();
    done(error);
  }

  #receive(message: Buffer): void {
    const channel = message[0] ?? ERROR_CHANNEL;
    const body = message.subarray(this.#begun.has(channel) ? 1 : 1 + PORT_BYTES);
    this.#begun.add(channel);
    if (body.length === 0) return;
    if (channel === ERROR_CHANNEL) this.destroy(new Error(this.#reasonIn(body.toString())));
    else if (!this.push(body)) this.#socket.pause();
  }

  /** The kubelet dialled inside the pod; whoever reads this knows the pod by its address. */
  #reasonIn(text: string): string {
    return text.endsWith('connection refused') ? `dial tcp ${this.#target}: connect: connection refused` : text;
  }
}
