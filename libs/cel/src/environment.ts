import { Checker } from './checker/checker.ts';
import { estimateCost } from './checker/estimate-cost.ts';
import type { Checked } from './checker/checked.ts';
import { FunctionTable } from './library/function-table.ts';
import { kubernetesLibrary } from './library/index.ts';
import type { Overload } from './library/overload.ts';
import { compile, Frame, type Code } from './runtime/compile.ts';
import type { Value } from './runtime/value.ts';
import { parse } from './syntax/parser.ts';
import { CompileError } from './syntax/source-error.ts';
import type { Type } from './types/type.ts';

let standard: FunctionTable | undefined;

/**
 * What expressions may speak of: variables with their types, and functions. Compiles expressions; those without a type of
 * their own are declared `dyn`.
 */
export class Environment {
  readonly #variables: ReadonlyMap<string, Type>;
  readonly #functions: FunctionTable;

  /** `functions` are beside those of Kubernetes. */
  constructor(variables: Readonly<Record<string, Type>>, functions: readonly Overload[] = []) {
    this.#variables = new Map(Object.entries(variables));
    this.#functions =
      functions.length > 0
        ? new FunctionTable([...kubernetesLibrary, ...functions])
        : (standard ??= new FunctionTable(kubernetesLibrary));
  }

  /** Throws CompileError, whose message is laid out as cel-go's. */
  compile(source: string): Program {
    const checker = new Checker(this.#functions, this.#variables);
    const checked = checker.check(parse(source));
    if (checker.issues.length > 0) throw new CompileError(source, checker.issues);
    return new Program(source, checked, [...this.#variables.keys()]);
  }
}

/** Counts what evaluations cost, together: a budget is a meter that several share. */
export interface CostMeter {
  cost: number;
}

/** A compiled expression, which can be evaluated any number of times. */
export class Program {
  readonly source: string;
  /** Of the result. */
  readonly type: Type;
  readonly #checked: Checked;
  readonly #names: readonly string[];
  readonly #code: Code;
  #maxCost: number | undefined;

  constructor(source: string, checked: Checked, names: readonly string[]) {
    this.source = source;
    this.type = checked.types.get(checked.root)!;
    this.#checked = checked;
    this.#names = names;
    this.#code = compile(checked);
  }

  /** Whether the expression uses the variable. */
  references(variable: string): boolean {
    return this.#checked.references.has(variable);
  }

  /** The largest cost that values of the declared types can cause. */
  get maxCost(): number {
    return (this.#maxCost ??= estimateCost(this.#checked));
  }

  /**
   * Throws EvaluationError, or CostLimitExceeded when it would cost more than `costLimit`. The cost is added to the meter
   * in any case.
   */
  evaluate(bindings: Readonly<Record<string, Value | undefined>>, costLimit = Infinity, meter?: CostMeter): Value {
    const slots: (Value | undefined)[] = new Array(this.#checked.slotCount);
    for (let at = 0; at < this.#names.length; at++) slots[at] = bindings[this.#names[at]!];
    const frame = new Frame(slots, costLimit);
    try {
      return this.#code(frame);
    } finally {
      if (meter) meter.cost += frame.cost;
    }
  }
}
