import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { ValueTransformer } from '@pilothouse/storage';

const BLOCK_BYTES = 16;

/** A random initialization vector and the ciphertext, padded as PKCS #7 says. Nothing notices when it was changed. */
export function aesCbc(secret: Buffer): ValueTransformer {
  const algorithm = `aes-${secret.length * 8}-cbc`;
  return {
    toStorage(value) {
      const vector = randomBytes(BLOCK_BYTES);
      const cipher = createCipheriv(algorithm, secret, vector);
      return Buffer.concat([vector, cipher.update(value), cipher.final()]);
    },
    fromStorage(value) {
      if (value.length < BLOCK_BYTES) throw new Error('the stored data was shorter than the required size');
      const body = value.subarray(BLOCK_BYTES);
      if (body.length % BLOCK_BYTES !== 0)
        throw new Error(`the stored data is not a multiple of the block size (${BLOCK_BYTES})`);
      if (body.length === 0) throw new Error('the stored data did not contain any data');
      const cipher = createDecipheriv(algorithm, secret, value.subarray(0, BLOCK_BYTES));
      try {
        return { value: Buffer.concat([cipher.update(body), cipher.final()]), stale: false };
      } catch {
        throw new Error('invalid padding on input');
      }
    },
  };
}
