/**
 * Writes Protobuf from the end to the start, as Kubernetes' own generated code does: the length of a nested message
 * is known once its content stands behind it, so nothing is measured twice or moved.
 */
export class BackwardWriter {
  private buffer: Buffer;
  private position: number;

  constructor(capacityBytes = 4096) {
    this.buffer = Buffer.allocUnsafeSlow(capacityBytes);
    this.position = capacityBytes;
  }

  /** Bytes written so far; the difference of two marks is the length of what lies between. */
  get mark(): number {
    return this.buffer.length - this.position;
  }

  /** A copy of what was written; the writer can be used again after `reset`. */
  finish(): Buffer {
    return Buffer.from(this.buffer.subarray(this.position));
  }

  /** What was written, without a copy; the writer must not be used any more. */
  take(): Buffer {
    return this.buffer.subarray(this.position);
  }

  reset(): void {
    this.position = this.buffer.length;
  }

  private reserve(bytes: number): void {
    if (this.position >= bytes) return;
    const used = this.mark;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, used + bytes + 64));
    this.buffer.copy(grown, grown.length - used, this.position);
    this.position = grown.length - used;
    this.buffer = grown;
  }

  /** An unsigned integer below 2^53. */
  varint(value: number): void {
    if (value < 0x80) {
      this.reserve(1);
      this.buffer[--this.position] = value;
      return;
    }
    const length = varintLength(value);
    this.reserve(length);
    let at = (this.position -= length);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.buffer[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      this.buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[at] = rest;
  }

  /** int32 and int64 alike: a negative number takes ten bytes. */
  integer(value: number): void {
    if (value >= 0) return this.varint(value);
    this.reserve(10);
    this.position -= 10;
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let at = this.position, left = 10; left > 0; left--, at++) {
      this.buffer[at] = Number(rest & 0x7fn) | (left > 1 ? 0x80 : 0);
      rest >>= 7n;
    }
  }

  double(value: number): void {
    this.reserve(8);
    this.position -= 8;
    this.buffer.writeDoubleLE(value, this.position);
  }

  /** Length-delimited content. */
  string(value: string): void {
    const length = value.length;
    if (length < 48) {
      // Names, labels and enums: short and almost always ASCII, where a loop beats the call into C++.
      this.reserve(length + 1);
      let at = this.position - length;
      for (let i = 0; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) return this.longString(value);
        this.buffer[at++] = code;
      }
      this.position -= length;
      this.varint(length);
      return;
    }
    this.longString(value);
  }

  private longString(value: string): void {
    const length = Buffer.byteLength(value);
    this.reserve(length);
    this.position -= length;
    this.buffer.write(value, this.position, length, 'utf8');
    this.varint(length);
  }

  bytes(value: Uint8Array): void {
    this.raw(value);
    this.varint(value.length);
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.position -= value.length;
    this.buffer.set(value, this.position);
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}
