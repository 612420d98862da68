export type * from './kind.ts';
export type * from './resource-ref.ts';
