/**
 * Which ports of a range are taken, as upstream stores it: the bytes of a big integer whose bit n is the nth port.
 * A copy is made for every change.
 */
export class PortBitmap {
  readonly #bits: bigint;

  private constructor(bits: bigint) {
    this.#bits = bits;
  }

  static fromBase64(data: string): PortBitmap {
    const hex = Buffer.from(data, 'base64').toString('hex');
    return new PortBitmap(hex === '' ? 0n : BigInt(`0x${hex}`));
  }

  toBase64(): string {
    if (this.#bits === 0n) return '';
    const hex = this.#bits.toString(16);
    return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64');
  }

  has(index: number): boolean {
    return ((this.#bits >> BigInt(index)) & 1n) === 1n;
  }

  with(index: number): PortBitmap {
    return new PortBitmap(this.#bits | (1n << BigInt(index)));
  }

  without(index: number): PortBitmap {
    return this.has(index) ? new PortBitmap(this.#bits ^ (1n << BigInt(index))) : this;
  }

  /** The first free index from `start` on, going around; undefined when all are taken. */
  nextFree(start: number, size: number): number | undefined {
    for (let i = 0; i < size; i++) {
      const index = (start + i) % size;
      if (!this.has(index)) return index;
    }
    return undefined;
  }
}
