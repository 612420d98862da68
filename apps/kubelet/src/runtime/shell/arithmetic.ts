import { ShellSyntaxError } from './syntax.ts';

/** Integer arithmetic of `$((…))`: + - * / %, comparisons, parentheses. */
export function evaluateArithmetic(source: string, variable: (name: string) => string): number {
  const tokens = source.match(/\d+|[A-Za-z_]\w*|<=|>=|==|!=|[-+*/%()<>$]/g)?.filter((token) => token !== '$') ?? [];
  let at = 0;
  const binary = (operators: readonly string[], operand: () => number): number => {
    let left = operand();
    while (operators.includes(tokens[at] ?? '')) left = apply(tokens[at++]!, left, operand());
    return left;
  };
  const primary = (): number => {
    const token = tokens[at++];
    if (token === '(') {
      const value = comparison();
      if (tokens[at++] !== ')') throw new ShellSyntaxError('arithmetic: expected ")"');
      return value;
    }
    if (token === '-') return -primary();
    if (token === undefined) throw new ShellSyntaxError('arithmetic: expected a number');
    return Number.parseInt(/^\d/.test(token) ? token : variable(token), 10) || 0;
  };
  const product = (): number => binary(['*', '/', '%'], primary);
  const sum = (): number => binary(['+', '-'], product);
  const comparison = (): number => binary(['<', '>', '<=', '>=', '==', '!='], sum);
  return comparison();
}

function apply(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? 0 : Math.trunc(left / right);
    case '%':
      return right === 0 ? 0 : left % right;
    case '<':
      return Number(left < right);
    case '>':
      return Number(left > right);
    case '<=':
      return Number(left <= right);
    case '>=':
      return Number(left >= right);
    case '==':
      return Number(left === right);
    default:
      return Number(left !== right);
  }
}
