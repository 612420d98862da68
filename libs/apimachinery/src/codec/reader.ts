/** A malformed Protobuf message: truncated, or with a field whose wire type does not fit. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtobufError';
  }
}

/** Reads Protobuf; every read checks the bounds, so truncated or hostile input ends in a ProtobufError. */
export class ProtobufReader {
  private readonly buffer: Buffer;
  position: number;
  end: number;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = 0;
    this.end = this.buffer.length;
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** An unsigned integer; exact below 2^53. */
  varint(): number {
    const { buffer, end } = this;
    let at = this.position;
    if (at >= end) throw new ProtobufError('unexpected EOF');
    let byte = buffer[at++]!;
    if (byte < 0x80) {
      this.position = at;
      return byte;
    }
    let value = byte & 0x7f;
    let factor = 0x80;
    for (let count = 1; count < 10; count++) {
      if (at >= end) throw new ProtobufError('unexpected EOF');
      byte = buffer[at++]!;
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
      if (byte < 0x80) {
        this.position = at;
        return value;
      }
    }
    throw new ProtobufError('integer overflow');
  }

  /** int32 or int64 in two's complement. */
  integer(): number {
    const start = this.position;
    const value = this.varint();
    if (this.position - start < 8) return value;
    let wide = 0n;
    for (let at = this.position - 1; at >= start; at--) wide = (wide << 7n) | BigInt(this.buffer[at]! & 0x7f);
    return Number(BigInt.asIntN(64, wide));
  }

  double(): number {
    this.need(8);
    const value = this.buffer.readDoubleLE(this.position);
    this.position += 8;
    return value;
  }

  string(): string {
    const length = this.length();
    const value = this.buffer.toString('utf8', this.position, this.position + length);
    this.position += length;
    return value;
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const length = this.length();
    const value = this.buffer.subarray(this.position, this.position + length);
    this.position += length;
    return value;
  }

  /** Length of a delimited field, checked to lie inside the message. */
  length(): number {
    const length = this.varint();
    this.need(length);
    return length;
  }

  /** Narrows the reader to the delimited message that follows; give the result back to `leave`. */
  enter(): number {
    const length = this.length();
    const outer = this.end;
    this.end = this.position + length;
    return outer;
  }

  leave(outer: number): void {
    this.position = this.end;
    this.end = outer;
  }

  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        this.varint();
        return;
      case 1:
        this.need(8);
        this.position += 8;
        return;
      case 2:
        this.bytes();
        return;
      case 5:
        this.need(4);
        this.position += 4;
        return;
      default:
        throw new ProtobufError(`illegal wireType ${wireType}`);
    }
  }

  private need(bytes: number): void {
    if (this.position + bytes > this.end) throw new ProtobufError('unexpected EOF');
  }
}
