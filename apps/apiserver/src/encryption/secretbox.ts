import { randomBytes } from 'node:crypto';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import type { ValueTransformer } from '@pilothouse/storage';

const NONCE_BYTES = 24;

/** NaCl's secretbox, which Node's own crypto has not: a random nonce, the tag, the ciphertext. */
export function secretbox(secret: Buffer): ValueTransformer {
  return {
    toStorage(value) {
      const nonce = randomBytes(NONCE_BYTES);
      return Buffer.concat([nonce, xsalsa20poly1305(secret, nonce).encrypt(value)]);
    },
    fromStorage(value) {
      if (value.length < NONCE_BYTES) throw new Error('the stored data was shorter than the required size');
      try {
        const plain = xsalsa20poly1305(secret, value.subarray(0, NONCE_BYTES)).decrypt(value.subarray(NONCE_BYTES));
        return { value: Buffer.from(plain), stale: false };
      } catch {
        throw new Error('output array was not large enough for encryption');
      }
    },
  };
}
