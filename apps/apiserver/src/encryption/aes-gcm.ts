import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { ValueTransformer } from '@pilothouse/storage';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A random nonce, the ciphertext, the tag; bound to the key under which the value lies. */
export function aesGcm(secret: Buffer): ValueTransformer {
  const algorithm = `aes-${secret.length * 8}-gcm` as 'aes-256-gcm';
  return {
    toStorage(value, key) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(algorithm, secret, nonce).setAAD(Buffer.from(key));
      return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
    },
    fromStorage(value, key) {
      if (value.length < NONCE_BYTES + TAG_BYTES) {
        throw new Error(`the stored data was shorter than the required size`);
      }
      const body = value.subarray(NONCE_BYTES, -TAG_BYTES);
      const cipher = createDecipheriv(algorithm, secret, value.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(key))
        .setAuthTag(value.subarray(-TAG_BYTES));
      try {
        return { value: Buffer.concat([cipher.update(body), cipher.final()]), stale: false };
      } catch {
        throw new Error('cipher: message authentication failed');
      }
    },
  };
}
