import { isJsonObject } from '../deep/own-property.ts';

/** A JSON value as Go's `%v` prints it, because upstream's messages show values so: `map[a:1 b:[x y]]`. */
export function goFormat(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goFormat).join(' ')}]`;
  if (typeof value === 'number') return goNumber(value);
  if (!isJsonObject(value)) return String(value);
  const entries = Object.keys(value).sort();
  return `map[${entries.map((key) => `${key}:${goFormat(value[key])}`).join(' ')}]`;
}

/** Powers of ten within which Go's `%v` writes a fraction without an exponent. */
const LOWEST_POWER = -4;
const HIGHEST_POWER = 5;

/** A number as Go prints it: `0.5`, `1.2345675e+06`. */
export function goNumber(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= LOWEST_POWER && power <= HIGHEST_POWER) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** The Go type that holds a JSON value, as `%s` prints it. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
