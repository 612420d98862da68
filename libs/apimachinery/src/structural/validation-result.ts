import { FieldError, NO_PATH, type FieldPath } from '../validation/field-error.ts';

/** Where a value stands; undefined at the root of the object. */
export type Place = FieldPath | undefined;

/** The path in a message, which for the root is empty, unlike in the error's own field. */
export const placeText = (place: Place): string => place?.text ?? '';

/** What one validation of one value has found. */
export class ValidationResult {
  readonly errors: FieldError[] = [];
  /** How many values were checked on the way: of several failing alternatives, the one that got furthest is reported. */
  matchCount = 0;

  /** An error about the value at the place, worded `<path> in body <what>`. */
  invalid(place: Place, value: unknown, what: string): void {
    this.errors.push(new FieldError('FieldValueInvalid', fieldOf(place), value, `${placeText(place)} in body ${what}`));
  }

  wrongType(place: Place, type: string, value: unknown): void {
    const shown = typeof value === 'string' ? `: ${JSON.stringify(value)}` : '';
    this.errors.push(
      new FieldError(
        'FieldValueTypeInvalid',
        fieldOf(place),
        value,
        `${placeText(place)} in body must be of type ${type}${shown}`,
      ),
    );
  }

  /** An error that upstream ascribes to no field, because it stands for several. */
  unplaced(message: string): void {
    this.errors.push(new FieldError('FieldValueInvalid', NO_PATH.text, '', message));
  }

  add(
    type: 'FieldValueRequired' | 'FieldValueTooLong' | 'FieldValueTooMany' | 'FieldValueNotSupported',
    place: Place,
    value: unknown,
    detail: string,
  ): void {
    this.errors.push(new FieldError(type, fieldOf(place), value, detail));
  }

  merge(other: ValidationResult): void {
    this.errors.push(...other.errors);
    this.matchCount += other.matchCount;
  }
}

const fieldOf = (place: Place): string => place?.text ?? NO_PATH.text;
