/** A JSON value that does not fit its field; `goType` is the type that upstream's message names. */
export class JsonTypeError extends Error {
  readonly goType: string;
  readonly detail: string | undefined;

  constructor(goType: string, detail?: string) {
    super(detail ?? goType);
    this.goType = goType;
    this.detail = detail;
  }
}
