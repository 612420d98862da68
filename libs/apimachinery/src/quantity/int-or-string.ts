import { regexError } from '../names/messages.ts';
import { type FieldError, type FieldPath, invalidValue } from '../validation/field-error.ts';

/** A number, or a string that is a percentage (`25%`) or the name of something (a port). */
export type IntOrString = number | string;

const PERCENT = '[0-9]+%';

/** Checks that a string is a percentage; what is wrong in upstream's words. */
export function isValidPercent(text: string): string[] {
  if (/^[0-9]+%$/.test(text)) return [];
  const message = "a valid percent string must be a numeric string followed by an ending '%'";
  return [regexError(message, PERCENT, '1%', '93%')];
}

export type ScaledValue =
  | { readonly ok: true; readonly value: number; readonly isPercent: boolean }
  | { readonly ok: false; readonly message: string };

/** A number as it is, or a percentage of `total`, rounded up or down (maxSurge up, maxUnavailable down). */
export function scaledIntOrPercent(value: IntOrString | undefined, total: number, roundUp: boolean): ScaledValue {
  if (value === undefined) return { ok: false, message: 'nil value for IntOrString' };
  if (typeof value === 'number') return { ok: true, value, isPercent: false };
  const percent = percentOf(value);
  if (percent === undefined) {
    const why = value.endsWith('%')
      ? `strconv.Atoi: parsing ${JSON.stringify(value.slice(0, -1))}: invalid syntax`
      : 'string is not a percentage';
    return { ok: false, message: `invalid value for IntOrString: invalid type: ${why}` };
  }
  const exact = (percent * total) / 100;
  return { ok: true, value: roundUp ? Math.ceil(exact) : Math.floor(exact), isPercent: true };
}

function percentOf(text: string): number | undefined {
  const match = /^([+-]?[0-9]+)%$/.exec(text);
  return match ? Number(match[1]) : undefined;
}

/** A non-negative number or a percentage: budgets, surge and the like. */
export function validatePositiveIntOrPercent(value: IntOrString, path: FieldPath): FieldError[] {
  if (typeof value === 'string') return isValidPercent(value).map((problem) => invalidValue(path, value, problem));
  return value < 0 ? [invalidValue(path, value, 'must be greater than or equal to 0')] : [];
}

/** Not more than 100 when it is a percentage. */
export function validateNotMoreThan100Percent(value: IntOrString, path: FieldPath): FieldError[] {
  if (typeof value === 'number' || isValidPercent(value).length > 0 || parseInt(value) <= 100) return [];
  return [invalidValue(path, value, 'must not be greater than 100%')];
}

/** The number, with or without a percent sign; of what is neither, nothing. For rules that only ask whether it is zero. */
export function bareIntOrPercent(value: IntOrString): number {
  if (typeof value === 'number') return value;
  return /^[+-]?[0-9]+$|^[0-9]+%$/.test(value) ? parseInt(value) : 0;
}
