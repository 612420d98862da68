import { interpretSuffix, type QuantityFormat } from './quantity-suffix.ts';

/** A quantity's number: `unscaled` × 10^`scale`. */
export interface ParsedQuantity {
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: QuantityFormat;
  /** The text is already as it would be printed. */
  readonly canonical: boolean;
}

export class QuantityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuantityError';
  }
}

const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_WRONG = "unable to parse quantity's suffix";
const NUMBER_WRONG = 'unable to parse numeric part of quantity';

/** Nothing finer than a billionth is kept. */
export const NANO = -9;
const MAX_BINARY = 2n ** 63n - 1n;
/** More than any amount needs; reading millions of digits would hold up everybody else. */
const MAX_DIGITS = 10_000;
/** Digits that surely fit in 64 bits: up to there upstream reuses the text where it looks canonical. */
const SAFE_DIGITS = 18;

/**
 * Reads the text of a quantity: sign, number, suffix. Values finer than nano are rounded away from zero, so that who
 * asks for something gets something; binary values are capped at 2^63-1.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantityText(text: string): ParsedQuantity {
  if (text === '') throw new QuantityError(FORMAT_WRONG);
  const { negative, whole, fraction, suffix } = split(text);
  const meaning = interpretSuffix(suffix);
  if (meaning === undefined) throw new QuantityError(SUFFIX_WRONG);
  const { format, exponent } = meaning;

  const digits = whole + fraction;
  if (digits.length > MAX_DIGITS) throw new QuantityError(NUMBER_WRONG);
  let magnitude = BigInt(digits);
  let scale = -fraction.length;
  if (format === 'BinarySI') {
    const canonical = fraction === '' && isShortBinary(whole, exponent) && (Number(whole.slice(-3)) & 7) !== 0;
    magnitude <<= BigInt(exponent);
    ({ magnitude, scale } = roundUpTo(magnitude, scale, NANO));
    const one = scale < 0 ? 10n ** BigInt(-scale) : 1n;
    if (magnitude > MAX_BINARY * one) [magnitude, scale] = [MAX_BINARY, 0];
    // A fraction of one byte makes no sense in powers of two.
    const shown = magnitude > 0n && magnitude < one ? 'DecimalSI' : format;
    return { unscaled: negative ? -magnitude : magnitude, scale, format: shown, canonical };
  }
  scale += exponent;
  const canonical =
    digits.length <= SAFE_DIGITS && scale >= NANO && scale % 3 === 0 && !digits.endsWith('000') && digits[0] !== '0';
  if (scale < NANO) ({ magnitude, scale } = roundUpTo(magnitude, scale, NANO));
  return { unscaled: negative ? -magnitude : magnitude, scale, format, canonical };
}

/** Brings a magnitude to a coarser scale, away from zero. */
export function roundUpTo(
  magnitude: bigint,
  scale: number,
  to: number,
): { magnitude: bigint; scale: number; exact: boolean } {
  if (scale >= to || magnitude === 0n)
    return { magnitude, scale: magnitude === 0n ? Math.max(scale, to) : scale, exact: true };
  const shift = to - scale;
  // 10^shift may be astronomically large (1e-2000000000): then any value is less than one unit.
  if (shift > magnitude.toString().length) return { magnitude: 1n, scale: to, exact: false };
  const divisor = 10n ** BigInt(shift);
  const exact = magnitude % divisor === 0n;
  return { magnitude: magnitude / divisor + (exact ? 0n : 1n), scale: to, exact };
}

/** The bound up to which upstream multiplies in 64 bits: about three decimal digits per power of 1024. */
function isShortBinary(whole: string, exponent: number): boolean {
  return 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 >= 0;
}

/** One pass, by hand: a regular expression for this backtracks quadratically on hostile input. */
function split(text: string): { negative: boolean; whole: string; fraction: string; suffix: string } {
  const end = text.length;
  const negative = text[0] === '-';
  let at = negative || text[0] === '+' ? 1 : 0;
  while (at < end && text[at] === '0') at++;
  const wholeEnd = skipDigits(text, at);
  const whole = text.slice(at, wholeEnd) || '0';
  at = wholeEnd;
  let fraction = '';
  if (text[at] === '.') {
    const fractionEnd = skipDigits(text, at + 1);
    fraction = text.slice(at + 1, fractionEnd);
    at = fractionEnd;
  }
  const suffixStart = at;
  while (at < end && 'eEinumkKMGTP'.includes(text[at]!)) at++;
  if (text[at] === '-' || text[at] === '+') at++;
  if (skipDigits(text, at) !== end) throw new QuantityError(FORMAT_WRONG);
  return { negative, whole, fraction, suffix: text.slice(suffixStart) };
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) break;
    at++;
  }
  return at;
}
