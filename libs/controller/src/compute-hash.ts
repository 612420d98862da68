import type { PodTemplateSpec } from '@pilothouse/api';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** rand.SafeEncodeString's: no vowels, and no 0, 1 or 3, which look like letters. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The `pod-template-hash` of a template; the collision count makes a second try differ. As upstream FNV-32a, safely
 * spelled, but over our own canonical text: upstream hashes Go's dump of its structs, which nobody else can reproduce.
 */
export function computeHash(template: PodTemplateSpec, collisionCount?: number): string {
  let hash = fnv32a(FNV_OFFSET, Buffer.from(canonicalJson(template)));
  if (collisionCount !== undefined) {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(collisionCount);
    hash = fnv32a(hash, bytes);
  }
  return safeEncodeString(String(hash));
}

/** Spells a string in an alphabet that forms no words. */
export function safeEncodeString(text: string): string {
  return [...Buffer.from(text)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function fnv32a(seed: number, bytes: Uint8Array): number {
  let hash = seed;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** JSON with sorted keys and without absent values, so that it depends on the content only. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (each === null) return undefined;
    if (typeof each !== 'object' || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}
