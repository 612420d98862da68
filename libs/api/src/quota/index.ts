export * from './amounts.ts';
export * from './evaluator.ts';
export * from './evaluators.ts';
export { countedResource } from './object-count-evaluator.ts';
export * from './quota-matches.ts';
