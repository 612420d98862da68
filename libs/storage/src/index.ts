export type * from './storage.ts';
export { openStorage, type OpenStorageOptions, type StorageLogger } from './open-storage.ts';
