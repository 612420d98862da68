import type { ValueTransformer } from '@pilothouse/storage';

const ENCRYPTED = Buffer.from('k8s:enc:');

/** Values as they are. What somebody else has encrypted is none of its own. */
export const identity: ValueTransformer = {
  toStorage: (value) => value,
  fromStorage(value) {
    if (value.subarray(0, ENCRYPTED.length).equals(ENCRYPTED))
      throw new Error('identity transformer tried to read encrypted data');
    return { value, stale: false };
  },
};
