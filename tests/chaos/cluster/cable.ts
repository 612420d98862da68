import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Who opened a connection, where that can be told: etcd's members say so to each other, in plain HTTP. */
export type Source = string | undefined;

interface Connection {
  source: Source;
  readonly ends: readonly [Socket, Socket];
  /** Pieces under way, in order, when they are delayed. */
  arrived: Promise<void>;
}

const MEMBER = /^x-server-from: ([0-9a-f]+)/im;

/**
 * One way through the network, as a TCP proxy: it can swallow everything (as a cable that is pulled out: nobody is told)
 * from chosen sources, and delay what it carries.
 */
export class Cable {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #connections = new Set<Connection>();
  #swallows: (source: Source) => boolean = () => false;
  #delayMs = 0;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on('connection', (near) => this.#join(near));
  }

  static async start(targetPort: number): Promise<Cable> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Cable(server, targetPort);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  swallow(from: (source: Source) => boolean = () => true): void {
    this.#swallows = from;
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** As new. Connections that lost something end: they could not go on. */
  mend(): void {
    const broken = [...this.#connections].filter(({ source }) => this.#swallows(source));
    this.#swallows = () => false;
    this.#delayMs = 0;
    for (const { ends } of broken) ends.forEach((end) => end.destroy());
  }

  async close(): Promise<void> {
    for (const { ends } of this.#connections) ends.forEach((end) => end.destroy());
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const far = connect(this.#targetPort, '127.0.0.1');
    const connection: Connection = { source: undefined, ends: [near, far], arrived: Promise.resolve() };
    this.#connections.add(connection);
    near.once('data', (first: Buffer) => (connection.source = MEMBER.exec(first.toString('latin1'))?.[1]));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => this.#carry(connection, chunk, to));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#connections.delete(connection);
        to.destroy();
      });
    }
  }

  #carry(connection: Connection, chunk: Buffer, to: Socket): void {
    if (this.#swallows(connection.source)) return;
    if (this.#delayMs === 0) return void to.write(chunk);
    const late = new Promise<void>((resolve) => setTimeout(resolve, this.#delayMs));
    connection.arrived = Promise.all([connection.arrived, late]).then(() => void to.write(chunk));
  }
}
