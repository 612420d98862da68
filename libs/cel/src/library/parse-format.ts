import { EvaluationError } from '../runtime/evaluation-error.ts';

export interface Clause {
  /** Which of the values. */
  readonly index: number;
  /** One of `s d f e b x X o`. */
  readonly verb: string;
  readonly precision: number;
}

const VERBS = 'sdfebxXo';
const DEFAULT_PRECISION = 6;
const MAX_PRECISION = 100;

/**
 * Splits a format into plain text and clauses, and puts together what they become. `present` may say that there is no
 * such value. Source: parseFormatString of cel-go's ext/formatting.go.
 */
export function parseFormat(
  format: string,
  size: number,
  present: (index: number) => void,
  become: (clause: Clause) => string,
): string {
  let text = '';
  let index = 0;
  for (let at = 0; at < format.length; at++) {
    if (format[at] !== '%') {
      text += format[at];
      continue;
    }
    if (format[at + 1] === '%') {
      text += '%';
      at++;
      continue;
    }
    present(index);
    if (at + 1 >= format.length) throw new EvaluationError('unexpected end of string');
    if (index >= size) throw indexOutOfRange(index);
    const { verb, precision, length } = readClause(format.slice(at + 1));
    text += become({ index, verb, precision });
    index++;
    at += length;
  }
  return text;
}

export const indexOutOfRange = (index: number): EvaluationError => new EvaluationError(`index ${index} out of range`);

function readClause(text: string): { verb: string; precision: number; length: number } {
  let precision = DEFAULT_PRECISION;
  let length = 0;
  if (text.startsWith('.')) {
    const digits = /^\d*/.exec(text.slice(1))![0];
    length = 1 + digits.length;
    if (length >= text.length)
      throw unreadable('error while parsing precision: could not find end of precision specifier');
    if (digits === '') {
      const why = 'error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax';
      throw unreadable(`error while parsing precision: ${why}`);
    }
    precision = Number(digits);
    if (precision > MAX_PRECISION) throw unreadable(`precision ${digits} is too large`);
  }
  const verb = text[length]!;
  if (!VERBS.includes(verb)) throw unreadable(`unrecognized formatting clause "${verb}"`);
  return { verb, precision, length: length + 1 };
}

const unreadable = (why: string): EvaluationError => new EvaluationError(`could not parse formatting clause: ${why}`);
