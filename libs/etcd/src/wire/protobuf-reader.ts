/**
 * Walks the fields of one Protobuf message. `next()` moves to a field and sets `field`; the caller then takes its value
 * or skips it. Values are views on the input, which therefore stays alive as long as they do.
 */
export class ProtobufReader {
  field = 0;
  #wireType = 0;
  readonly #buffer: Buffer;
  #position: number;
  readonly #end: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#position = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.#position >= this.#end) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.#wireType = tag & 7;
    return true;
  }

  /** Exact up to 2^53, which revisions and counts never reach; member and lease ids need `bigint`. */
  integer(): number {
    return this.#varint();
  }

  bigint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
  }

  boolean(): boolean {
    return this.#varint() !== 0;
  }

  bytes(): Buffer {
    const start = this.#enter();
    return this.#buffer.subarray(start, this.#position);
  }

  text(): string {
    const start = this.#enter();
    return this.#buffer.toString('utf8', start, this.#position);
  }

  message(): ProtobufReader {
    const start = this.#enter();
    return new ProtobufReader(this.#buffer, start, this.#position);
  }

  skip(): void {
    switch (this.#wireType) {
      case 0:
        while (this.#byte() > 127);
        return;
      case 1:
        this.#position += 8;
        return;
      case 2:
        this.#enter();
        return;
      case 5:
        this.#position += 4;
        return;
      default:
        throw new RangeError(`etcd sent a field of wire type ${this.#wireType}`);
    }
  }

  /** Moves behind a length-delimited value and tells where it starts. */
  #enter(): number {
    const length = this.#varint();
    const start = this.#position;
    this.#position = start + length;
    if (this.#position > this.#end) throw new RangeError('etcd sent a truncated message');
    return start;
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  #byte(): number {
    if (this.#position >= this.#end) throw new RangeError('etcd sent a truncated message');
    return this.#buffer[this.#position++]!;
  }
}
