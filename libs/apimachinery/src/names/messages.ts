/** The texts with which every name rule says no (k8s.io/apimachinery/pkg/api/validate/content). */
export const EMPTY_ERROR = 'must be non-empty';

export const maxLenError = (bytes: number): string => `must be no more than ${bytes} bytes`;

export const inclusiveRangeError = (low: number, high: number): string =>
  `must be between ${low} and ${high}, inclusive`;

export function regexError(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  const quoted = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${quoted}regex used for validation is '${pattern}')`;
}

/** Limits are in bytes of UTF-8, as Go counts them. */
export const byteLength = (text: string): number => Buffer.byteLength(text);
