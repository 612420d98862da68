import { MACRO_COSTS } from '../checker/costs.ts';
import type { MacroExpression } from '../syntax/expression.ts';
import { compare } from '../library/lists.ts';
import { asBool, type Code, type Compiler, type Frame } from './compile.ts';
import { EvaluationError } from './evaluation-error.ts';
import { isMapValue, LiteralMap, type Value } from './value.ts';

/** One step of a comprehension; `true` ends it. `item` is what the one variable stands for: an item, or a key. */
type Step = (frame: Frame, key: Value, item: Value) => boolean;

/** `range.all(x, body)` and its like: a loop over items or keys, with the variables in their slots. */
export function compileMacro(expression: MacroExpression, compiler: Compiler): Code {
  const range = compiler.node(expression.range);
  const body = compiler.node(expression.body);
  const condition = expression.condition && compiler.node(expression.condition);
  const [first, second] = compiler.checked.slots.get(expression)! as [number, number?];
  const { item: perItem, whole } = MACRO_COSTS[expression.macro];
  const start = LOOPS[expression.macro];
  return (frame) => {
    const values = range(frame);
    const loop = start(body);
    const step = (key: Value, value: Value): boolean => {
      frame.spend(perItem);
      const item = Array.isArray(values) ? value : key;
      frame.slots[first] = second === undefined ? item : key;
      if (second !== undefined) frame.slots[second] = value;
      if (condition && !asBool(condition(frame))) return false;
      return loop.step(frame, key, item);
    };
    iterate(values, step);
    frame.spend(whole);
    return loop.result();
  };
}

function iterate(values: Value, step: (key: Value, value: Value) => boolean): void {
  if (Array.isArray(values)) {
    const list = values as readonly Value[];
    for (let at = 0; at < list.length; at++) if (step(BigInt(at), list[at]!)) return;
  } else if (isMapValue(values)) {
    for (const key of values.keys()) if (step(key, values.get(key)!)) return;
  } else throw new EvaluationError('no such overload');
}

interface Loop {
  readonly step: Step;
  readonly result: () => Value;
}

type Start = (body: Code) => Loop;

const quantifier =
  (deciding: boolean): Start =>
  (body) => {
    let decided = false;
    let failure: EvaluationError | undefined;
    return {
      step(frame) {
        try {
          decided = asBool(body(frame)) === deciding;
        } catch (error) {
          if (!(error instanceof EvaluationError)) throw error;
          failure ??= error;
        }
        return decided;
      },
      result() {
        if (decided) return deciding;
        if (failure) throw failure;
        return !deciding;
      },
    };
  };

const existsOne: Start = (body) => {
  let count = 0;
  return {
    step(frame) {
      if (asBool(body(frame))) count++;
      return false;
    },
    result: () => count === 1,
  };
};

const filter: Start = (body) => {
  const kept: Value[] = [];
  return {
    step(frame, _key, item) {
      if (asBool(body(frame))) kept.push(item);
      return false;
    },
    result: () => kept,
  };
};

const list: Start = (body) => {
  const made: Value[] = [];
  return {
    step(frame) {
      made.push(body(frame));
      return false;
    },
    result: () => made,
  };
};

/** Items in the order of their keys; those with equal keys stay as they were. */
const sortBy: Start = (body) => {
  const keyed: { readonly key: Value; readonly item: Value }[] = [];
  return {
    step(frame, _key, item) {
      keyed.push({ key: body(frame), item });
      return false;
    },
    result: () => keyed.sort((a, b) => compare(a.key, b.key)).map(({ item }) => item),
  };
};

const map: Start = (body) => {
  const made = new LiteralMap();
  return {
    step(frame, key) {
      made.set(key, body(frame));
      return false;
    },
    result: () => made,
  };
};

const mapEntries: Start = (body) => {
  const made = new LiteralMap();
  return {
    step(frame) {
      const entry = body(frame);
      if (!isMapValue(entry)) throw new EvaluationError('no such overload');
      for (const key of entry.keys()) {
        if (made.has(key)) throw new EvaluationError(`insert failed: key ${String(key)} already exists`);
        made.set(key, entry.get(key)!);
      }
      return false;
    },
    result: () => made,
  };
};

const LOOPS: Readonly<Record<MacroExpression['macro'], Start>> = {
  all: quantifier(false),
  exists: quantifier(true),
  existsOne,
  filter,
  map: list,
  transformList: list,
  transformMap: map,
  transformMapEntry: mapEntries,
  sortBy,
};
