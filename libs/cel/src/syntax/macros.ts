import type { CallExpression, Expression, MacroExpression, MacroName } from './expression.ts';

type Fail = (at: number, message: string) => never;

/** `has(a.b)`; undefined when the call is no macro. */
export function expandGlobalMacro(call: CallExpression, fail: Fail): Expression | undefined {
  if (call.name !== 'has' || call.args.length !== 1) return undefined;
  const argument = call.args[0]!;
  if (argument.kind !== 'select' || argument.optional) return fail(call.at, 'invalid argument to has() macro');
  return { ...argument, at: call.at, test: true };
}

/** Macros that are called on something: comprehensions, `sortBy`, `optMap`. Undefined when the call is no macro. */
export function expandMemberMacro(
  name: string,
  target: Expression,
  args: readonly Expression[],
  at: number,
  fail: Fail,
): Expression | undefined {
  const variable = (expression: Expression): string =>
    expression.kind === 'identifier' ? expression.name : fail(expression.at, 'argument must be a simple name');
  const comprehension = (
    macro: MacroName,
    rest: Omit<MacroExpression, 'kind' | 'at' | 'macro' | 'range'>,
  ): Expression => ({
    kind: 'macro',
    at,
    macro,
    range: target,
    ...rest,
  });
  const [a, b, c, d] = args;
  switch (`${name}/${args.length}`) {
    case 'all/2':
    case 'exists/2':
    case 'filter/2':
    case 'map/2':
    case 'sortBy/2':
      return comprehension(name as MacroName, { variable: variable(a!), body: b! });
    case 'exists_one/2':
    case 'existsOne/2':
      return comprehension('existsOne', { variable: variable(a!), body: b! });
    case 'map/3':
      return comprehension('map', { variable: variable(a!), condition: b!, body: c! });
    case 'all/3':
    case 'exists/3':
    case 'transformList/3':
    case 'transformMap/3':
    case 'transformMapEntry/3':
      return comprehension(name as MacroName, { variable: variable(a!), second: variable(b!), body: c! });
    case 'exists_one/3':
    case 'existsOne/3':
      return comprehension('existsOne', { variable: variable(a!), second: variable(b!), body: c! });
    case 'transformList/4':
    case 'transformMap/4':
    case 'transformMapEntry/4':
      return comprehension(name as MacroName, {
        variable: variable(a!),
        second: variable(b!),
        condition: c!,
        body: d!,
      });
    case 'optMap/2':
    case 'optFlatMap/2':
      return {
        kind: 'bind',
        at,
        macro: name as 'optMap' | 'optFlatMap',
        variable: variable(a!),
        value: target,
        body: b!,
      };
    default:
      return undefined;
  }
}
