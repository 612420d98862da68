import type { Checked, ResolvedCall } from '../checker/checked.ts';
import type { Overload } from '../library/overload.ts';
import { COSTS } from '../checker/costs.ts';
import type { CallExpression, Expression, SelectExpression } from '../syntax/expression.ts';
import { isAssignable } from '../types/unify.ts';
import { compileMacro } from './compile-macro.ts';
import { CostLimitExceeded, EvaluationError } from './evaluation-error.ts';
import { typeOf } from './type-of.ts';
import { isMapValue, LiteralMap, Optional, TypeValue, type Value } from './value.ts';

/** One evaluation: the variables, and what it has cost so far. */
export class Frame {
  readonly slots: (Value | undefined)[];
  cost = 0;
  readonly limit: number;

  constructor(slots: (Value | undefined)[], limit: number) {
    this.slots = slots;
    this.limit = limit;
  }

  spend(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw new CostLimitExceeded();
  }
}

/** A compiled node: nothing is looked up by name any more. */
export type Code = (frame: Frame) => Value;

export function compile(checked: Checked): Code {
  return new Compiler(checked).node(checked.root);
}

export class Compiler {
  readonly checked: Checked;

  constructor(checked: Checked) {
    this.checked = checked;
  }

  node(expression: Expression): Code {
    const typeNamed = this.checked.typeNames.get(expression);
    if (typeNamed !== undefined) {
      const type = new TypeValue(typeNamed);
      return () => type;
    }
    switch (expression.kind) {
      case 'constant': {
        const { value } = expression;
        return () => value;
      }
      case 'identifier':
        return variable(this.checked.slots.get(expression)![0]!, expression.name);
      case 'select':
        return this.#select(expression);
      case 'call':
        return this.#call(expression);
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      case 'macro':
        return compileMacro(expression, this);
      case 'bind':
        return this.#bind(expression);
    }
  }

  #select({ operand, field, test, optional }: SelectExpression): Code {
    const of = this.node(operand);
    const look = (value: Value): Value | undefined => {
      if (!isMapValue(value)) throw new EvaluationError('no such overload');
      return value.get(field);
    };
    if (test) {
      return (frame) => {
        const value = of(frame);
        if (value instanceof Optional) return value.value !== undefined && look(value.value) !== undefined;
        if (!isMapValue(value)) throw new EvaluationError('no such overload');
        return value.has(field);
      };
    }
    return (frame) => {
      const value = of(frame);
      frame.spend(COSTS.select);
      if (value instanceof Optional) return value.value === undefined ? Optional.NONE : new Optional(look(value.value));
      const found = look(value);
      if (optional) return new Optional(found);
      if (found === undefined) throw new EvaluationError(`no such key: ${field}`);
      return found;
    };
  }

  #call(expression: CallExpression): Code {
    const { name, args } = expression;
    if (name === '_&&_') return logical(this.node(args[0]!), this.node(args[1]!), false);
    if (name === '_||_') return logical(this.node(args[0]!), this.node(args[1]!), true);
    if (name === '_?_:_') {
      const [condition, then, otherwise] = args.map((each) => this.node(each)) as [Code, Code, Code];
      return (frame) => (asBool(condition(frame)) ? then(frame) : otherwise(frame));
    }
    return callCode(this.checked.calls.get(expression)!, (each) => this.node(each));
  }

  #list({ elements }: Expression & { kind: 'list' }): Code {
    const codes = elements.map(({ value, optional }) => ({ code: this.node(value), optional }));
    return (frame) => {
      const list: Value[] = [];
      for (const { code, optional } of codes) {
        const value = code(frame);
        if (!optional) list.push(value);
        else if ((value as Optional).value !== undefined) list.push((value as Optional).value!);
      }
      frame.spend(COSTS.list);
      return list;
    };
  }

  #map({ entries }: Expression & { kind: 'map' }): Code {
    const codes = entries.map(({ key, value, optional }) => ({
      key: this.node(key),
      value: this.node(value),
      optional,
    }));
    return (frame) => {
      const map = new LiteralMap();
      for (const { key, value, optional } of codes) {
        const name = key(frame);
        const made = value(frame);
        if (!optional) map.set(name, made);
        else if ((made as Optional).value !== undefined) map.set(name, (made as Optional).value!);
      }
      frame.spend(COSTS.map);
      return map;
    };
  }

  #bind(expression: Expression & { kind: 'bind' }): Code {
    const [value, body] = [this.node(expression.value), this.node(expression.body)];
    const slot = this.checked.slots.get(expression)![0]!;
    const { macro } = expression;
    return (frame) => {
      const bound = value(frame);
      if (!(bound instanceof Optional)) throw new EvaluationError('no such overload');
      if (bound.value === undefined) return Optional.NONE;
      frame.slots[slot] = bound.value;
      const result = body(frame);
      return macro === 'optMap' ? new Optional(result) : result;
    };
  }
}

function variable(slot: number, name: string): Code {
  return (frame) => {
    frame.spend(COSTS.identifier);
    const value = frame.slots[slot];
    if (value === undefined) throw new EvaluationError(`no such attribute(s): ${name}`);
    return value;
  };
}

export function asBool(value: Value): boolean {
  if (typeof value !== 'boolean') throw new EvaluationError('no such overload');
  return value;
}

/** `&&` and `||`: whichever side decides, decides, even when the other fails. */
function logical(left: Code, right: Code, deciding: boolean): Code {
  return (frame) => {
    let failure: EvaluationError | undefined;
    try {
      if (asBool(left(frame)) === deciding) return deciding;
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      failure = error;
    }
    if (failure === undefined) return asBool(right(frame));
    try {
      if (asBool(right(frame)) === deciding) return deciding;
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
    }
    throw failure;
  };
}

function callCode({ args, candidates, isExact }: ResolvedCall, node: (expression: Expression) => Code): Code {
  const codes = args.map(node);
  const [only] = candidates as [Overload];
  return (frame) => {
    const values: Value[] = new Array(codes.length);
    for (let at = 0; at < codes.length; at++) values[at] = codes[at]!(frame);
    const overload = isExact ? only : choose(candidates, values);
    if (values.includes(null)) refuseNull(overload, values);
    frame.spend(overload.cost ? overload.cost(values.map(sizeOf)) : 1);
    return overload.evaluate(...values);
  };
}

/** Arguments whose types the checker could not know choose among the signatures when they are there. */
function choose(candidates: readonly Overload[], values: readonly Value[]): Overload {
  for (const overload of candidates) {
    const substitution = new Map();
    if (values.every((value, at) => isAssignable(typeOf(value), overload.args[at]!, substitution))) return overload;
  }
  // Values of different types may be compared for equality even so.
  if (candidates.length === 1 && EQUALITY.has(candidates[0]!.name)) return candidates[0]!;
  throw new EvaluationError('no such overload');
}

/** Null may stand for a value of some types, but no function of theirs takes it. */
function refuseNull({ args }: Overload, values: readonly Value[]): void {
  const isRefused = values.some((value, at) => value === null && !ACCEPTS_NULL.has(args[at]!.kind));
  if (isRefused) throw new EvaluationError('no such overload');
}

const ACCEPTS_NULL = new Set(['null', 'dyn', 'parameter']);

const EQUALITY = new Set(['_==_', '_!=_', '@in']);

export function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return isMapValue(value) ? value.size : 1;
}
