/** The family a quantity was written in, which is also the one it is printed in. */
export type QuantityFormat =
  | 'DecimalSI' // 1500m, 2k, 3G
  | 'BinarySI' // 5Ki, 2Gi
  | 'DecimalExponent'; // 1e3

interface SuffixMeaning {
  readonly format: QuantityFormat;
  /** Power of ten, or of two for BinarySI. */
  readonly exponent: number;
}

const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const MEANINGS: ReadonlyMap<string, SuffixMeaning> = new Map([
  ...BINARY.slice(1).map((suffix, i): [string, SuffixMeaning] => [
    suffix,
    { format: 'BinarySI', exponent: 10 * (i + 1) },
  ]),
  ...DECIMAL.map((suffix, i): [string, SuffixMeaning] => [suffix, { format: 'DecimalSI', exponent: 3 * (i - 3) }]),
]);

export const MAX_BINARY_STEPS = BINARY.length - 1;

/** What a suffix says, undefined when it says nothing. */
export function interpretSuffix(suffix: string): SuffixMeaning | undefined {
  const meaning = MEANINGS.get(suffix);
  if (meaning !== undefined || !/^[eE][-+]?[0-9]+$/.test(suffix)) return meaning;
  const exponent = Number(suffix.slice(1));
  return Math.abs(exponent) <= 0x7fffffff ? { format: 'DecimalExponent', exponent } : undefined;
}

/** The suffix for a power of ten that is a multiple of three. Beyond `E` only an exponent can say it. */
export function decimalSuffix(exponent: number, format: QuantityFormat): string {
  if (exponent === 0) return '';
  const suffix = format === 'DecimalSI' ? DECIMAL[exponent / 3 + 3] : undefined;
  return suffix ?? `e${exponent}`;
}

/** The suffix for a power of 1024. */
export const binarySuffix = (steps: number): string => BINARY[steps]!;
