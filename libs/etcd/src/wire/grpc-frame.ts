/** A gRPC message on the wire: one byte "compressed" (never, here), four bytes of length, the message. */
export function frameMessage(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(5 + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, 5);
  return frame;
}

/** Cuts a stream of chunks into messages. A message that lies within one chunk is a view on it, not a copy. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #length = 0;

  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: Buffer[] = [];
    for (;;) {
      const size = this.#messageLength();
      // Joined only once the whole message is here, so a message in many chunks is copied once.
      if (size === undefined || this.#length < 5 + size) return messages;
      const joined = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length);
      messages.push(joined.subarray(5, 5 + size));
      const rest = joined.subarray(5 + size);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#length = rest.length;
    }
  }

  #messageLength(): number | undefined {
    if (this.#length < 5) return undefined;
    if (this.#chunks[0]!.length < 5) this.#chunks = [Buffer.concat(this.#chunks, this.#length)];
    const head = this.#chunks[0]!;
    if (head[0] !== 0) throw new RangeError('etcd sent a compressed message that was not asked for');
    return head.readUInt32BE(1);
  }
}
