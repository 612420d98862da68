import { randomBytes, randomUUID } from 'node:crypto';

/** Randomness comes in through the constructor, like the clock, so that a run can be replayed from a seed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, bound). */
  int(bound: number): number;
  uuid(): string;
  /** What `generateName` appends: no vowels and no 0, 1, 3, so that no word and no look-alike arises. */
  suffix(length: number): string;
}

/** The alphabet of k8s.io/apimachinery/pkg/util/rand. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

function suffixFrom(int: (bound: number) => number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += SUFFIX_ALPHABET[int(SUFFIX_ALPHABET.length)];
  return text;
}

export function systemRandom(): Random {
  return SYSTEM_RANDOM;
}

const SYSTEM_RANDOM: Random = {
  next: Math.random,
  int: (bound) => Math.floor(Math.random() * bound),
  uuid: () => randomUUID(),
  suffix: (length) => suffixFrom((bound) => Math.floor(Math.random() * bound), length),
};

/** The same seed gives the same sequence on every machine (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (bound: number): number => Math.floor(next() * bound);
  const hex = (digits: number): string => Array.from({ length: digits }, () => int(16).toString(16)).join('');
  return {
    next,
    int,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[int(4)]}${hex(3)}-${hex(12)}`,
    suffix: (length) => suffixFrom(int, length),
  };
}

/** For secrets: tokens, keys. Never seeded. */
export function secretHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
