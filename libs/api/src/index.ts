export type * from './generated/types.ts';
export * from './generated/resources.ts';
export type * from './kind.ts';
export type * from './resource-ref.ts';
export * from './schemas.ts';
export * from './definitions.ts';
export * from './kinds.ts';
export * from './printing/index.ts';
