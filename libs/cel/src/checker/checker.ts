import type { FunctionTable } from '../library/function-table.ts';
import type { Overload } from '../library/overload.ts';
import { EvaluationError } from '../runtime/evaluation-error.ts';
import { typeOf } from '../runtime/type-of.ts';
import type { CallExpression, Expression, MacroExpression, SelectExpression } from '../syntax/expression.ts';
import type { Issue } from '../syntax/source-error.ts';
import { BOOL, DYN, ERROR, formatType, INT, listOf, mapOf, optionalOf, type Type } from '../types/type.ts';
import { isAssignable, join, substitute, withSize, type Substitution } from '../types/unify.ts';
import { checkFormat } from './check-format.ts';
import type { Checked, ResolvedCall } from './checked.ts';
import { sizeOfType } from './estimate-cost.ts';
import { TYPE_NAMES } from './type-names.ts';

interface Variable {
  readonly type: Type;
  readonly slot: number;
  /** Declared by the environment, not by a macro. */
  readonly isGlobal: boolean;
}

type Scope = ReadonlyMap<string, Variable>;

/** Finds the type of every node, and the function behind every call. Collects what is wrong rather than stop at it. */
export class Checker {
  readonly issues: Issue[] = [];
  readonly #functions: FunctionTable;
  readonly #types = new Map<Expression, Type>();
  readonly #calls = new Map<Expression, ResolvedCall>();
  readonly #slots = new Map<Expression, number[]>();
  readonly #typeNames = new Map<Expression, string>();
  readonly #references = new Set<string>();
  readonly #globals = new Map<string, Variable>();
  /** What validators find, in their order. Upstream asks them only about an expression whose types are right. */
  readonly #findings = { literals: [] as Issue[], mixed: [] as Issue[], formats: [] as Issue[] };
  #nextSlot = 0;
  /** Within what is formatted, elements of a literal may differ in type. */
  #mayMix = false;

  constructor(functions: FunctionTable, variables: ReadonlyMap<string, Type>) {
    this.#functions = functions;
    for (const [name, type] of variables) this.#globals.set(name, { type, slot: this.#nextSlot++, isGlobal: true });
  }

  check(root: Expression): Checked {
    this.#check(root, this.#globals);
    if (this.issues.length === 0) {
      const { literals, mixed, formats } = this.#findings;
      this.issues.push(...literals, ...mixed, ...formats);
    }
    return {
      root,
      types: this.#types,
      calls: this.#calls,
      slots: this.#slots,
      typeNames: this.#typeNames,
      slotCount: this.#nextSlot,
      references: this.#references,
    };
  }

  #check(expression: Expression, scope: Scope): Type {
    const type = this.#typeOf(expression, scope);
    this.#types.set(expression, type);
    return type;
  }

  #fail(at: number, message: string): Type {
    this.issues.push({ at, message });
    return ERROR;
  }

  #typeOf(expression: Expression, scope: Scope): Type {
    switch (expression.kind) {
      case 'constant': {
        const { value } = expression;
        const type = typeOf(value);
        return typeof value === 'string' || value instanceof Uint8Array ? withSize(type, value.length) : type;
      }
      case 'identifier':
        return this.#identifier(expression, expression.name, scope) ?? this.#undeclared(expression.at, expression.name);
      case 'select':
        return this.#select(expression, scope);
      case 'call':
        return this.#call(expression, scope);
      case 'list':
        return this.#list(expression, scope);
      case 'map':
        return this.#map(expression, scope);
      case 'macro':
        return this.#macro(expression, scope);
      case 'bind':
        return this.#bind(expression, scope);
    }
  }

  #undeclared(at: number, name: string): Type {
    return this.#fail(at, `undeclared reference to '${name}' (in container '')`);
  }

  #identifier(expression: Expression, name: string, scope: Scope): Type | undefined {
    const variable = scope.get(name);
    if (variable) {
      if (variable.isGlobal) this.#references.add(name);
      this.#slots.set(expression, [variable.slot]);
      return variable.type;
    }
    const type = TYPE_NAMES.get(name);
    if (type === undefined) return undefined;
    this.#typeNames.set(expression, name);
    return { kind: 'type', of: type };
  }

  #select(expression: SelectExpression, scope: Scope): Type {
    const qualified = expression.test || expression.optional ? undefined : qualifiedName(expression);
    if (qualified && !scope.has(qualified.split('.')[0]!) && TYPE_NAMES.has(qualified)) {
      this.#typeNames.set(expression, qualified);
      return { kind: 'type', of: TYPE_NAMES.get(qualified)! };
    }
    const operand = this.#check(expression.operand, scope);
    const inner = operand.kind === 'optional' ? operand.of : operand;
    const field = this.#field(inner, expression);
    if (expression.test) return field.kind === 'error' ? ERROR : BOOL;
    return operand.kind === 'optional' || expression.optional ? optionalOf(field) : field;
  }

  #field(operand: Type, { field, at }: SelectExpression): Type {
    switch (operand.kind) {
      case 'object':
        return operand.fields.get(field)?.type ?? this.#fail(at, `undefined field '${field}'`);
      case 'map':
        return operand.value;
      case 'dyn':
      case 'parameter':
        return DYN;
      case 'error':
        return ERROR;
      default:
        return this.#fail(at, `type '${formatType(operand)}' does not support field selection`);
    }
  }

  #call(expression: CallExpression, scope: Scope): Type {
    const { name, target, at } = expression;
    if (name === '_&&_' || name === '_||_') return this.#logical(expression, scope);
    if (name === '_?_:_') return this.#conditional(expression, scope);
    const namespace = target && qualifiedName(target);
    const full = namespace && !scope.has(namespace.split('.')[0]!) ? `${namespace}.${name}` : undefined;
    if (full && this.#functions.has(full)) return this.#resolve(expression, full, false, expression.args, scope);
    if (!this.#functions.has(name)) {
      const hadIssues = this.issues.length;
      if (target) this.#check(target, scope);
      for (const argument of expression.args) this.#check(argument, scope);
      return this.issues.length > hadIssues ? ERROR : this.#undeclared(at, name);
    }
    return this.#resolve(
      expression,
      name,
      target !== undefined,
      target ? [target, ...expression.args] : expression.args,
      scope,
    );
  }

  #resolve(expression: CallExpression, name: string, member: boolean, args: readonly Expression[], scope: Scope): Type {
    const wasMixed = this.#mayMix;
    this.#mayMix ||= name === 'format';
    const types = args.map((argument) => this.#check(argument, scope));
    this.#mayMix = wasMixed;
    if (types.some((type) => type.kind === 'error')) return ERROR;
    const matches = this.#functions.find(name, member, args.length).flatMap((overload) => match(overload, types));
    if (matches.length === 0) {
      const [first, ...rest] = types.map(formatType);
      const applied = member ? `${first}.(${rest.join(', ')})` : `(${types.map(formatType).join(', ')})`;
      return this.#fail(expression.at, `found no matching overload for '${name}' applied to '${applied}'`);
    }
    const candidates = matches.map(({ overload }) => overload);
    this.#checkLiteral(name, args, candidates[0]!);
    const wrongFormat = name === 'format' ? checkFormat(expression, (each) => this.#types.get(each)!) : undefined;
    if (wrongFormat) this.#findings.formats.push(wrongFormat);
    this.#calls.set(expression, {
      args,
      candidates,
      isExact: candidates.length === 1 && types.every((type) => type.kind !== 'dyn'),
    });
    const results = matches.map(({ result }) => result);
    const result = results.every((each) => formatType(each) === formatType(results[0]!)) ? results[0]! : DYN;
    const { resultSize } = candidates[0]!;
    return resultSize ? withSize(result, resultSize(types.map(sizeOfType))) : result;
  }

  /** What cannot be read is said when the expression is compiled, not when it runs. Upstream: cel-go's AST validators. */
  #checkLiteral(name: string, args: readonly Expression[], overload: Overload): void {
    const literal = args[LITERALS.get(name) ?? -1];
    if (literal?.kind !== 'constant' || typeof literal.value !== 'string') return;
    try {
      overload.evaluate(...args.map((each) => (each === literal ? literal.value : '')));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      this.#findings.literals.push({ at: literal.at, message: `invalid ${name} argument` });
    }
  }

  #logical({ args, name, at }: CallExpression, scope: Scope): Type {
    const types = args.map((argument) => this.#check(argument, scope));
    if (types.some((type) => type.kind === 'error')) return ERROR;
    if (types.every((type) => isAssignable(type, BOOL, new Map()))) return BOOL;
    return this.#fail(
      at,
      `found no matching overload for '${name}' applied to '(${types.map(formatType).join(', ')})'`,
    );
  }

  #conditional({ args, at }: CallExpression, scope: Scope): Type {
    const [condition, then, otherwise] = args.map((argument) => this.#check(argument, scope)) as [Type, Type, Type];
    if ([condition, then, otherwise].some((type) => type.kind === 'error')) return ERROR;
    const joined = join(then, otherwise);
    const agree = joined.kind !== 'dyn' || then.kind === 'dyn' || otherwise.kind === 'dyn';
    if (isAssignable(condition, BOOL, new Map()) && agree) return joined;
    return this.#fail(
      at,
      `found no matching overload for '_?_:_' applied to '(${[condition, then, otherwise].map(formatType).join(', ')})'`,
    );
  }

  #list({ elements }: Expression & { kind: 'list' }, scope: Scope): Type {
    const types = elements.map(({ value, optional }) => unwrapped(this.#check(value, scope), optional));
    return listOf(
      this.#homogeneous(
        types,
        elements.map(({ value }) => value),
      ),
      elements.length,
    );
  }

  #map({ entries }: Expression & { kind: 'map' }, scope: Scope): Type {
    const keys = entries.map(({ key }) => this.#check(key, scope));
    const values = entries.map(({ value, optional }) => unwrapped(this.#check(value, scope), optional));
    const key = this.#homogeneous(
      keys,
      entries.map((entry) => entry.key),
    );
    return mapOf(
      key,
      this.#homogeneous(
        values,
        entries.map(({ value }) => value),
      ),
      entries.length,
    );
  }

  /** All elements of a literal must be of one type, but for those that are formatted. */
  #homogeneous(types: readonly Type[], nodes: readonly Expression[]): Type {
    let common = types[0] ?? DYN;
    types.forEach((type, position) => {
      const joined = join(common, type);
      if (joined.kind === 'dyn' && common.kind !== 'dyn' && type.kind !== 'dyn' && !this.#mayMix) {
        const message = `expected type '${formatType(common)}' but found '${formatType(type)}'`;
        this.#findings.mixed.push({ at: nodes[position]!.at, message });
      } else common = joined;
    });
    return common;
  }

  #macro(expression: MacroExpression, scope: Scope): Type {
    const range = this.#check(expression.range, scope);
    const elements = elementsOf(range, expression.second !== undefined);
    if (elements === undefined) {
      if (range.kind === 'error') return ERROR;
      return this.#fail(
        expression.range.at,
        `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
    }
    const slots = [this.#nextSlot++, ...(expression.second === undefined ? [] : [this.#nextSlot++])];
    this.#slots.set(expression, slots);
    const inner = new Map(scope);
    inner.set(expression.variable, { type: elements[0], slot: slots[0]!, isGlobal: false });
    if (expression.second !== undefined)
      inner.set(expression.second, { type: elements[1], slot: slots[1]!, isGlobal: false });
    if (expression.condition) this.#expectBool(expression.condition, inner);
    switch (expression.macro) {
      case 'all':
      case 'exists':
      case 'existsOne':
        this.#expectBool(expression.body, inner);
        return BOOL;
      case 'filter':
        this.#expectBool(expression.body, inner);
        return withSize(listOf(elements[0]), range.maxSize);
      case 'map':
      case 'transformList':
        return withSize(listOf(this.#check(expression.body, inner)), range.maxSize);
      case 'sortBy': {
        const key = this.#check(expression.body, inner);
        const isComparable = key.kind === 'error' || ORDERED.has(key.kind);
        if (!isComparable) this.#fail(expression.body.at, `type '${formatType(key)}' is not comparable`);
        return range.kind === 'list' ? range : DYN;
      }
      case 'transformMap': {
        const value = this.#check(expression.body, inner);
        return withSize(
          mapOf(range.kind === 'map' ? range.key : range.kind === 'list' ? INT : DYN, value),
          range.maxSize,
        );
      }
      case 'transformMapEntry': {
        const entry = this.#check(expression.body, inner);
        return withSize(entry.kind === 'map' ? mapOf(entry.key, entry.value) : mapOf(DYN, DYN), range.maxSize);
      }
    }
  }

  #expectBool(expression: Expression, scope: Scope): void {
    const type = this.#check(expression, scope);
    if (!isAssignable(type, BOOL, new Map()))
      this.#fail(expression.at, `expected type 'bool' but found '${formatType(type)}'`);
  }

  #bind(expression: Expression & { kind: 'bind' }, scope: Scope): Type {
    const value = this.#check(expression.value, scope);
    const slot = this.#nextSlot++;
    this.#slots.set(expression, [slot]);
    const bound = value.kind === 'optional' ? value.of : DYN;
    const body = this.#check(
      expression.body,
      new Map(scope).set(expression.variable, { type: bound, slot, isGlobal: false }),
    );
    return expression.macro === 'optMap' ? optionalOf(body) : body;
  }
}

/** Functions whose literal argument is read when the expression is compiled, and which argument that is. */
const LITERALS: ReadonlyMap<string, number> = new Map([
  ['duration', 0],
  ['timestamp', 0],
  ['matches', 1],
]);

const ORDERED = new Set<Type['kind']>([
  ...(['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes', 'dyn'] as const),
]);

function match(overload: Overload, types: readonly Type[]): { overload: Overload; result: Type }[] {
  const substitution: Substitution = new Map();
  const fits = types.every((type, at) => isAssignable(type, overload.args[at]!, substitution));
  return fits ? [{ overload, result: substitute(overload.result, substitution) }] : [];
}

function unwrapped(type: Type, optional: boolean): Type {
  return optional && type.kind === 'optional' ? type.of : type;
}

/** What the variables of a comprehension are: items or keys, and with two variables the position or key and the value. */
function elementsOf(range: Type, two: boolean): readonly [Type, Type] | undefined {
  switch (range.kind) {
    case 'list':
      return two ? [INT, range.element] : [range.element, DYN];
    case 'map':
      return [range.key, range.value];
    case 'dyn':
    case 'parameter':
      return [DYN, DYN];
    default:
      return undefined;
  }
}

/** `a.b.c` when the expression is nothing but names. */
export function qualifiedName(expression: Expression): string | undefined {
  if (expression.kind === 'identifier') return expression.name;
  if (expression.kind !== 'select' || expression.test || expression.optional) return undefined;
  const parent = qualifiedName(expression.operand);
  return parent === undefined ? undefined : `${parent}.${expression.field}`;
}
