import { NANO, parseQuantityText, roundUpTo } from './parse-quantity.ts';
import { binarySuffix, decimalSuffix, MAX_BINARY_STEPS, type QuantityFormat } from './quantity-suffix.ts';

const MILLI = -3;
/** Far beyond any real quantity, yet cheap to add up. */
const MAX_SCALE_GAP = 10_000;

/**
 * A fixed-point number such as `500m`, `1.5Gi` or `1e3`: CPU, memory and every other amount. Exact and immutable.
 * Prints in canonical form: no fraction, the largest suffix, the family it was written in.
 */
export class Quantity {
  /** The value is unscaled × 10^scale. */
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  #text: string | undefined;

  constructor(unscaled: bigint, scale: number, format: QuantityFormat = 'DecimalSI', text?: string) {
    this.unscaled = unscaled;
    this.scale = scale;
    this.format = format;
    this.#text = text;
  }

  /** Throws QuantityError in upstream's words. A JSON number is read as it is printed. */
  static parse(text: string | number): Quantity {
    const trimmed = typeof text === 'number' ? String(text) : text.trim();
    const { unscaled, scale, format, canonical } = parseQuantityText(trimmed);
    return new Quantity(unscaled, scale, format, canonical ? trimmed : undefined);
  }

  /** A whole amount. */
  static of(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value), 0, format);
  }

  /** An amount in thousandths. */
  static ofMilli(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value), MILLI, format);
  }

  get isZero(): boolean {
    return this.unscaled === 0n;
  }

  get sign(): -1 | 0 | 1 {
    return this.unscaled < 0n ? -1 : this.unscaled > 0n ? 1 : 0;
  }

  compare(other: Quantity): -1 | 0 | 1 {
    if (this.sign !== other.sign || this.isZero) return Math.sign(this.sign - other.sign) as -1 | 0 | 1;
    const [left, right] = [this.#order(), other.#order()];
    if (left !== right) return ((left < right ? -1 : 1) * this.sign) as -1 | 1;
    const scale = Math.min(this.scale, other.scale);
    const [a, b] = [this.#at(scale), other.#at(scale)];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  equals(other: Quantity): boolean {
    return this.compare(other) === 0;
  }

  /** The sum, in this quantity's family, or in the other's when this is zero. */
  add(other: Quantity): Quantity {
    return this.#plus(other, 1n);
  }

  sub(other: Quantity): Quantity {
    return this.#plus(other, -1n);
  }

  negate(): Quantity {
    return new Quantity(-this.unscaled, this.scale, this.format);
  }

  multiply(factor: number | bigint): Quantity {
    return new Quantity(this.unscaled * BigInt(factor), this.scale, this.format);
  }

  /** Rounded away from zero to a multiple of 10^scale: the API keeps nothing finer than milli in resource lists. */
  roundUp(scale: number): Quantity {
    if (this.scale >= scale) return this;
    const { magnitude } = roundUpTo(magnitudeOf(this.unscaled), this.scale, scale);
    return new Quantity(this.unscaled < 0n ? -magnitude : magnitude, scale, this.format);
  }

  /** In units of 10^scale, rounded away from zero. */
  scaledValue(scale: number): bigint {
    const rounded = this.roundUp(scale);
    return rounded.scale - scale > MAX_SCALE_GAP ? BigInt(this.sign) * 10n ** 30n : rounded.#at(scale);
  }

  /** The whole value, rounded away from zero (upstream's `Value`). Exact up to 2^53. */
  value(): number {
    return Number(this.scaledValue(0));
  }

  /** In thousandths, rounded away from zero (upstream's `MilliValue`). */
  toMilli(): number {
    return Number(this.scaledValue(MILLI));
  }

  /** The nearest floating point number. */
  toNumber(): number {
    return Number(`${this.unscaled}e${this.scale}`);
  }

  /** The canonical text, which parses to an equal quantity. */
  toString(): string {
    return (this.#text ??= this.#print());
  }

  toJSON(): string {
    return this.toString();
  }

  #print(): string {
    if (this.unscaled === 0n) return '0';
    if (this.format === 'BinarySI' && this.scale <= 0) {
      const whole = this.#wholeOrUndefined();
      if (whole !== undefined && (whole <= -1024n || whole >= 1024n)) return printBinary(whole);
    } else if (this.format === 'BinarySI') return printBinary(this.#at(0));
    return this.#printDecimal();
  }

  #printDecimal(): string {
    const digits = this.unscaled.toString();
    let kept = digits.length;
    while (digits[kept - 1] === '0') kept--;
    const exponent = this.scale + digits.length - kept;
    const aligned = Math.floor(exponent / 3) * 3;
    const format = this.format === 'BinarySI' ? 'DecimalSI' : this.format;
    return digits.slice(0, kept) + '0'.repeat(exponent - aligned) + decimalSuffix(aligned, format);
  }

  #wholeOrUndefined(): bigint | undefined {
    if (this.scale === 0) return this.unscaled;
    const divisor = 10n ** BigInt(-this.scale);
    return this.unscaled % divisor === 0n ? this.unscaled / divisor : undefined;
  }

  /** Position of the leading digit, to compare values of very different size without writing them out. */
  #order(): number {
    return magnitudeOf(this.unscaled).toString().length + this.scale;
  }

  #at(scale: number): bigint {
    return this.scale === scale ? this.unscaled : this.unscaled * 10n ** BigInt(this.scale - scale);
  }

  #plus(other: Quantity, sign: bigint): Quantity {
    const format = this.isZero ? other.format : this.format;
    if (this.isZero) return new Quantity(sign * other.unscaled, other.scale, format);
    if (other.isZero) return this;
    const gap = Math.abs(this.scale - other.scale);
    if (gap > MAX_SCALE_GAP) throw new RangeError('quantities are too far apart to be added');
    const scale = Math.max(NANO, Math.min(this.scale, other.scale));
    return new Quantity(this.#at(scale) + sign * other.#at(scale), scale, format);
  }
}

export const ZERO_QUANTITY = Quantity.of(0);

/** Shorthand for Quantity.parse. */
export const parseQuantity = (text: string | number): Quantity => Quantity.parse(text);

/** The text as Kubernetes stores and prints it: `1024Mi` → `1Gi`, `0.5` → `500m`. Throws QuantityError. */
export const canonicalQuantity = (text: string | number): string => Quantity.parse(text).toString();

function printBinary(value: bigint): string {
  let [mantissa, steps] = [value, 0];
  while (steps < MAX_BINARY_STEPS && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    steps++;
  }
  return mantissa.toString() + binarySuffix(steps);
}

function magnitudeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}
