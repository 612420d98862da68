/** A refusal, in the plain text in which a kubelet words it; the apiserver makes a Status of it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
