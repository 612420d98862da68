import { FieldError, NO_PATH, type FieldPath } from '../validation/field-error.ts';
import { goQuote } from '../validation/go-quote.ts';

/** Where a value stands below what is validated; undefined for that itself. */
export type Place = FieldPath | undefined;

/** The path in a message, which for the root is empty, unlike in the error's own field. */
export const placeText = (place: Place): string => place?.text ?? '';

/** What one validation of one value has found. */
export class ValidationResult {
  readonly errors: FieldError[] = [];
  /**
   * How many checks were made, and how many of them went well: of several failing alternatives, the one that got
   * furthest is reported.
   */
  matchCount = 0;
  readonly #base: FieldPath | undefined;

  /** `base` is where in the object that stands which is validated. Messages do not say it, only the fields of errors. */
  constructor(base?: FieldPath) {
    this.#base = base;
  }

  /** An empty result about a value of the same object. */
  another(): ValidationResult {
    return new ValidationResult(this.#base);
  }

  /** An error about the value at the place, worded `<path> in body <what>`. */
  invalid(place: Place, value: unknown, what: string): void {
    this.add('FieldValueInvalid', place, value, `${placeText(place)} in body ${what}`);
  }

  wrongType(place: Place, type: string, value: string): void {
    const detail = `${placeText(place)} in body must be of type ${type}: ${goQuote(value)}`;
    this.add('FieldValueTypeInvalid', place, value, detail);
  }

  /** An error that upstream ascribes to no field, because it stands for several. */
  unplaced(message: string): void {
    this.errors.push(new FieldError('FieldValueInvalid', this.#base?.text ?? NO_PATH.text, '', message));
  }

  add(type: FieldError['type'], place: Place, value: unknown, detail: string): void {
    this.errors.push(new FieldError(type, this.#fieldOf(place), value, detail));
  }

  merge(other: ValidationResult): void {
    this.errors.push(...other.errors);
    this.matchCount += other.matchCount;
  }

  #fieldOf(place: Place): string {
    if (this.#base === undefined) return place?.text ?? NO_PATH.text;
    return place === undefined ? this.#base.text : `${this.#base.text}.${place.text}`;
  }
}
