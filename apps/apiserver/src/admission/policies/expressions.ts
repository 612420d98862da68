import {
  CompileError,
  DYN,
  Environment,
  type ObjectType,
  type Overload,
  type Program,
  type Type,
} from '@pilothouse/cel';
import type { Variable } from '@pilothouse/api';
import { AUTHORIZER } from './authorizer-values.ts';
import { authorizerLibrary } from './authorizer-library.ts';
import { NAMESPACE, REQUEST } from './request-type.ts';

/** What an expression compiled to; one that does not compile fails whenever it is asked. */
export type Compiled =
  | { readonly source: string; readonly program: Program }
  | { readonly source: string; readonly error: string };

export interface CompiledVariable {
  readonly name: string;
  readonly compiled: Compiled;
}

export interface ExpressionsOptions {
  readonly hasParams?: boolean;
  readonly variables?: readonly Variable[];
  /** Beside those that all admission expressions have. */
  readonly functions?: readonly Overload[];
}

/** Compiles the expressions of one policy or webhook; they share the variables that the policy declares. */
export class Expressions {
  readonly variables: readonly CompiledVariable[];
  readonly #base: Readonly<Record<string, Type>>;
  readonly #environment: Environment;

  constructor({ hasParams = false, variables = [], functions = [] }: ExpressionsOptions = {}) {
    const environmentOf = (types: Readonly<Record<string, Type>>, variablesType: ObjectType): Environment =>
      new Environment({ ...types, variables: variablesType }, [...authorizerLibrary, ...functions]);
    const base: Record<string, Type> = {
      object: DYN,
      oldObject: DYN,
      request: REQUEST,
      namespaceObject: NAMESPACE,
      authorizer: AUTHORIZER,
    };
    if (hasParams) base.params = DYN;
    this.#base = base;
    const compiled: CompiledVariable[] = [];
    // Each sees those before it.
    for (const { name, expression } of variables) {
      compiled.push({ name, compiled: compile(environmentOf(base, variablesType(compiled)), expression) });
    }
    this.variables = compiled;
    this.#environment = environmentOf(this.#base, variablesType(compiled));
  }

  compile(source: string): Compiled {
    return compile(this.#environment, source);
  }
}

function variablesType(compiled: readonly CompiledVariable[]): ObjectType {
  const fields = compiled.map(
    ({ name, compiled: each }) =>
      [name, { type: 'program' in each ? each.program.type : DYN, jsonName: name }] as const,
  );
  return { kind: 'object', name: 'kubernetes.variables', fields: new Map(fields) };
}

function compile(environment: Environment, source: string): Compiled {
  try {
    return { source, program: environment.compile(source.trim()) };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return { source, error: `compilation error: compilation failed: ${error.message}` };
  }
}
