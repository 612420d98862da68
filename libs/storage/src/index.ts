export type * from './storage.ts';
export type { PlainValue, StorageEncryption, ValueTransformer } from './encryption.ts';
export { openStorage, type OpenStorageOptions } from './open-storage.ts';
export type { StorageLogger } from './storage-logger.ts';
export { parseResourceVersion, resourceVersionSetOnCreate } from './storage-errors.ts';
