const MAX_LENGTH = 256;

/** What Go's unicode.IsPrint says no to: everything invisible but the plain space. */
const UNPRINTABLE = /(?! )[\p{C}\p{Z}]/u;

/** What is wrong with a version's `deprecationWarning`, which clients will show as it is. */
export function deprecationErrors(deprecated: boolean, warning: string | undefined): string[] {
  if (warning === undefined) return [];
  if (!deprecated) return ['can only be set for deprecated versions'];
  const errors: string[] = [];
  if (Buffer.byteLength(warning) > MAX_LENGTH) errors.push(`must be <= ${MAX_LENGTH} characters long`);
  if (warning === '') errors.push('must not be an empty string');
  const at = warning.search(UNPRINTABLE);
  if (at >= 0) {
    const bytes = Buffer.byteLength(warning.slice(0, at));
    errors.push(`must only contain printable UTF-8 characters; non-printable character found at index ${bytes}`);
  }
  return errors;
}
