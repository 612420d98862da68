import type { Expression } from '../syntax/expression.ts';
import type { Type } from '../types/type.ts';
import type { Checked } from './checked.ts';
import { COSTS, MACRO_COSTS } from './costs.ts';

/** Where nothing is known of a string or list, it may fill a request. */
export const MAX_REQUEST_BYTES = 3 * 1024 * 1024;

/**
 * What an expression may cost at most, by the largest sizes that the types allow. Follows cel-go's checker.Cost closely
 * enough to refuse what it refuses, up to small factors.
 */
export function estimateCost({ root, types, calls }: Checked): number {
  return cost(root);

  function cost(expression: Expression): number {
    switch (expression.kind) {
      case 'constant':
        return 0;
      case 'identifier':
        return COSTS.identifier;
      case 'select':
        return cost(expression.operand) + (expression.test ? 0 : COSTS.select);
      case 'call':
        return callCost(expression);
      case 'list':
        return COSTS.list + sum(expression.elements.map(({ value }) => value));
      case 'map':
        return COSTS.map + sum(expression.entries.flatMap(({ key, value }) => [key, value]));
      case 'macro': {
        const { item, whole } = MACRO_COSTS[expression.macro];
        const body = cost(expression.body) + (expression.condition ? cost(expression.condition) : 0);
        return cost(expression.range) + whole + sizeOf(expression.range) * (item + body);
      }
      case 'bind':
        return cost(expression.value) + cost(expression.body) + COSTS.list;
    }
  }

  function callCost(expression: Expression & { kind: 'call' }): number {
    if (expression.name === '_?_:_') {
      const [condition, then, otherwise] = expression.args.map(cost) as [number, number, number];
      return condition + Math.max(then, otherwise);
    }
    if (expression.name === '_&&_' || expression.name === '_||_') return sum(expression.args);
    const call = calls.get(expression);
    if (call === undefined) return sum(expression.args);
    const sizes = call.args.map(sizeOf);
    const own = Math.max(...call.candidates.map((overload) => (overload.cost ? overload.cost(sizes) : 1)));
    return sum(call.args) + own;
  }

  function sum(expressions: readonly Expression[]): number {
    return expressions.reduce((total, each) => total + cost(each), 0);
  }

  function sizeOf(expression: Expression): number {
    return sizeOfType(types.get(expression)!);
  }
}

const SIZED = new Set<Type['kind']>(['string', 'bytes', 'list', 'map', 'dyn']);

/** How large a value of the type can be; 1 for what has no length. */
export function sizeOfType(type: Type): number {
  if (!SIZED.has(type.kind)) return 1;
  return type.maxSize ?? MAX_REQUEST_BYTES;
}
