/**
 * The little Protobuf that etcd's hot messages need: varints and length-delimited fields. Nested messages are encoded
 * first and copied in; at a kilobyte or two a copy costs less than computing sizes in a first pass.
 */
export class ProtobufWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(sizeHint = 256) {
    this.#buffer = Buffer.allocUnsafe(sizeHint);
  }

  /** A number up to 2^53; zero is written too, because an empty oneof member means something else than a zero one. */
  integer(field: number, value: number): this {
    this.#reserve(15);
    this.#varint(field << 3);
    this.#varint(value);
    return this;
  }

  /** A 64-bit id, written as two's complement. */
  bigint(field: number, value: bigint): this {
    this.#reserve(15);
    this.#varint(field << 3);
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      this.#buffer[this.#length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
    return this;
  }

  boolean(field: number, value: boolean): this {
    return value ? this.integer(field, 1) : this;
  }

  bytes(field: number, value: Buffer): this {
    this.#reserve(15 + value.length);
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    value.copy(this.#buffer, this.#length);
    this.#length += value.length;
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value));
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  /** A view on what was written; the writer is used up. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #varint(value: number): void {
    while (value > 127) {
      this.#buffer[this.#length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.#buffer[this.#length++] = value;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + more));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
