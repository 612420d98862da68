export * from './cells.ts';
export * from './columns.ts';
export * from './human-duration.ts';
export * from './selector-cell.ts';
