import type { Duplex } from 'node:stream';
import { controlFrame, dataFrame, FLAG_FIN, FRAME, MAX_PAYLOAD, readFrame } from './frame.ts';
import type { Frame } from './frame.ts';
import { HeaderCodec } from './header-codec.ts';
import type { SpdyHeaders } from './header-block.ts';

/** One stream that the client opened. Handlers are set in the turn in which it is handed over. */
export class SpdyStream {
  readonly id: number;
  readonly headers: SpdyHeaders;
  onData: (chunk: Buffer) => void = () => undefined;
  onEnd: () => void = () => undefined;
  readonly #send: (frame: Buffer) => void;
  #ended = false;

  constructor(id: number, headers: SpdyHeaders, send: (frame: Buffer) => void) {
    this.id = id;
    this.headers = headers;
    this.#send = send;
  }

  write(chunk: Buffer): void {
    if (this.#ended) return;
    for (let at = 0; at < chunk.length; at += MAX_PAYLOAD)
      this.#send(dataFrame(this.id, chunk.subarray(at, at + MAX_PAYLOAD), false));
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#send(dataFrame(this.id, Buffer.alloc(0), true));
  }
}

/**
 * The server's end of a SPDY/3.1 connection, as far as Kubernetes' clients use it: they open the streams, and neither
 * side does flow control (client-go's library does not know of it).
 */
export class SpdyConnection {
  onStream: (stream: SpdyStream) => void = () => undefined;
  onClose: () => void = () => undefined;
  readonly #socket: Duplex;
  readonly #codec = new HeaderCodec();
  readonly #streams = new Map<number, SpdyStream>();
  #buffer: Buffer = Buffer.alloc(0);
  #pumping = false;

  constructor(socket: Duplex, head: Buffer = Buffer.alloc(0)) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#codec.close();
      this.onClose();
    });
    if (head.length > 0) queueMicrotask(() => this.#receive(head));
  }

  /** Lets what was written go out, then ends the connection. */
  close(): void {
    this.#socket.end();
  }

  #receive(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    if (!this.#pumping) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      for (let read = readFrame(this.#buffer); read; read = readFrame(this.#buffer)) {
        this.#buffer = this.#buffer.subarray(read.length);
        await this.#handle(read.frame);
      }
    } catch {
      // A header block that does not decode leaves the rest of the connection unreadable.
      this.#socket.destroy();
    }
    this.#pumping = false;
  }

  async #handle(frame: Frame): Promise<void> {
    if (!frame.control) {
      const stream = this.#streams.get(frame.streamId);
      if (frame.payload.length > 0) stream?.onData(frame.payload);
      if (frame.flags & FLAG_FIN) stream?.onEnd();
    } else if (frame.type === FRAME.synStream) {
      await this.#open(frame.payload, frame.flags);
    } else if (frame.type === FRAME.headers) {
      await this.#codec.decode(frame.payload.subarray(4));
    } else if (frame.type === FRAME.ping) {
      this.#send(controlFrame(FRAME.ping, 0, frame.payload));
    } else if (frame.type === FRAME.rstStream) {
      const id = frame.payload.readUInt32BE(0) & 0x7fffffff;
      this.#streams.get(id)?.onEnd();
      this.#streams.delete(id);
    } else if (frame.type === FRAME.goAway) {
      this.#socket.end();
    }
  }

  async #open(payload: Buffer, flags: number): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fffffff;
    const headers = await this.#codec.decode(payload.subarray(10));
    const stream = new SpdyStream(id, headers, (frame) => this.#send(frame));
    this.#streams.set(id, stream);
    const idBytes = Buffer.alloc(4);
    idBytes.writeUInt32BE(id);
    this.#send(controlFrame(FRAME.synReply, 0, Buffer.concat([idBytes, await this.#codec.encode(new Map())])));
    this.onStream(stream);
    if (flags & FLAG_FIN) stream.onEnd();
  }

  #send(frame: Buffer): void {
    if (this.#socket.writable) this.#socket.write(frame);
  }
}
