import { inInt64, inUint64, Uint, type Value } from '../runtime/value.ts';

const NUMBER = /^(?:0x[0-9a-fA-F]+u?|(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?u?)/i;

/** The number that starts at the position. Signs are operators; the parser joins `-` and the smallest integer. */
export function readNumber(source: string, at: number): { value: Value; end: number; error?: string } {
  const text = NUMBER.exec(source.slice(at))![0];
  const end = at + text.length;
  const isUint = /u$/i.test(text);
  const digits = isUint ? text.slice(0, -1) : text;
  const isDouble = !/^0x/i.test(digits) && /[.eE]/.test(digits);
  if (isDouble) return { value: Number(digits), end };
  const value = BigInt(digits);
  if (isUint) return inUint64(value) ? { value: new Uint(value), end } : { value, end, error: 'invalid uint literal' };
  // One more than fits, for the literal of the smallest.
  if (!inInt64(value) && value !== 2n ** 63n) return { value, end, error: 'invalid int literal' };
  return { value, end };
}
