import type { ExpressionChecks, PolicyExpressionChecks, PolicyExpressions } from '@pilothouse/api';
import { CompileError, deviceEnvironment, formatType, type Program, type Type } from '@pilothouse/cel';
import { Expressions, type Compiled } from './expressions.ts';
import { jsonPatchLibrary } from './mutate.ts';

/** What device selectors may be expected to cost at most. Upstream: CELSelectorExpressionMaxCost. */
const MAX_DEVICE_COST = 1_000_000;

/** Judges the expressions in objects that are written. */
export const expressionChecks: ExpressionChecks = {
  policy: (options) => new PolicyChecks(options),
  device(expression) {
    let program: Program;
    try {
      program = deviceEnvironment.compile(expression);
    } catch (error) {
      if (error instanceof CompileError) return { invalid: `compilation failed: ${error.message}` };
      throw error;
    }
    const { type } = program;
    if (type.kind !== 'bool' && type.kind !== 'dyn')
      return { invalid: `must evaluate to bool or the unknown type, not ${formatType(type)}` };
    return program.maxCost > MAX_DEVICE_COST ? { tooComplex: true } : undefined;
  },
};

/** What the result of a mutation must be, by the type of its patch, and how messages call it. */
const PATCH_RESULTS: Readonly<Record<string, { readonly kind: Type['kind']; readonly name: string }>> = {
  ApplyConfiguration: { kind: 'map', name: 'Object' },
  JSONPatch: { kind: 'list', name: 'list(JSONPatch)' },
};

class PolicyChecks implements PolicyExpressionChecks {
  readonly #expressions: Expressions;

  constructor({ hasParams, hasVariables, isMutating }: PolicyExpressions) {
    this.#expressions = new Expressions({ hasParams, hasVariables, functions: isMutating ? jsonPatchLibrary : [] });
  }

  variable(name: string, expression: string): string | undefined {
    return problemOf(this.#expressions.declare({ name, expression }));
  }

  condition(expression: string): string | undefined {
    return problemOf(this.#expressions.compileCondition(expression), ['bool']);
  }

  validation(expression: string): string | undefined {
    return problemOf(this.#expressions.compile(expression), ['bool']);
  }

  message(expression: string): string | undefined {
    return problemOf(this.#expressions.compileMessage(expression), ['string']);
  }

  annotation(expression: string): string | undefined {
    return problemOf(this.#expressions.compile(expression), ['string', 'null']);
  }

  mutation(patchType: string, expression: string): string | undefined {
    const compiled = this.#expressions.compile(expression);
    const result = PATCH_RESULTS[patchType];
    const problem = problemOf(compiled);
    if (problem !== undefined || result === undefined || !('program' in compiled)) return problem;
    const { kind } = compiled.program.type;
    return kind === result.kind || kind === 'dyn' ? undefined : `must evaluate to ${result.name}`;
  }
}

/** A result of no known type is none of those that are wanted. */
function problemOf(compiled: Compiled, kinds?: readonly Type['kind'][]): string | undefined {
  if ('error' in compiled) return compiled.error.replace(/^compilation error: /, '');
  if (kinds === undefined || kinds.includes(compiled.program.type.kind)) return undefined;
  const names = kinds.map((each) => (each === 'null' ? 'null_type' : each));
  return `must evaluate to ${names.length === 1 ? names[0] : `one of [${names.join(' ')}]`}`;
}
