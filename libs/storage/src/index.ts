export type * from './storage.ts';
export { openStorage, type OpenStorageOptions } from './open-storage.ts';
export type { StorageLogger } from './storage-logger.ts';
export { parseResourceVersion } from './storage-errors.ts';
