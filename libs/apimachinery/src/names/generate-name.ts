/** Without vowels and look-alikes, so that no suffix spells a word or is misread. */
const SUFFIX_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const MAX_NAME_LENGTH = 63;
export const SUFFIX_LENGTH = 5;

/** `length` characters that are safe in any name. `random` returns a number in [0, 1), as Math.random does. */
export function randomSuffix(random: () => number, length: number = SUFFIX_LENGTH): string {
  let suffix = '';
  for (let i = 0; i < length; i++) suffix += SUFFIX_CHARACTERS[Math.floor(random() * SUFFIX_CHARACTERS.length)];
  return suffix;
}

/** The name for a `generateName`: its base, cut so that the whole stays a DNS label, and a random suffix. */
export function generateName(base: string, random: () => number): string {
  return base.slice(0, MAX_NAME_LENGTH - SUFFIX_LENGTH) + randomSuffix(random);
}

/** Maps any number to a suffix that is safe in names: how a pod-template hash is printed. */
export function safeEncodeString(text: string): string {
  let encoded = '';
  for (const character of text) {
    encoded += SUFFIX_CHARACTERS[(character.codePointAt(0) ?? 0) % SUFFIX_CHARACTERS.length];
  }
  return encoded;
}
